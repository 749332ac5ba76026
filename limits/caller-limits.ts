import { setTimeout as sleep } from 'node:timers/promises'
import { Counter, type Registry } from 'prom-client'
import { failureOf } from '../contracts/application-failure.ts'
import type { Caller } from '../contracts/caller.ts'
import { failure } from '../contracts/failures.ts'
import { networkOf } from './network-of.ts'
import { Rate } from './rate.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/**
 * Time for which a refusal is held back, in milliseconds. A caller that sends the next request when it has an answer gets at most two of them a
 * second on each connection; one that is refused at once asks again at once.
 */
const HELD_MS = 500
const MAX_HELD = 1_000

/** Callers that are remembered at the same time: each takes some 100 bytes. */
const MAX_CALLERS = 50_000

/** The door by which requests come. */
export type Door = 'http' | 'grpc'

/** All that decides by which limit a request goes. */
export interface Sender {
  /** `anybody` also if a caller should have said who they are, and did not. */
  caller: Caller
  /** Address of the other end of the connection. */
  peer: string
  /** Values of X-Forwarded-For, in their order. */
  forwardedFor: readonly string[]
  /** True for a probe: a flood of orders must not make a balancer call the starter dead. @default false */
  isProbe?: boolean
}

export interface CallerLimitsDeps {
  /** Requests a second of a customer, or of an address; 0: any number. */
  perSecond: number
  /** Requests a second of a service, and of a peer that may speak for many; 0: any number. */
  servicePerSecond: number
  proxies: TrustedProxies
  /** True if a gateway has asked who the callers are: an address that it does not name is its own. */
  behindGateway: boolean
  registry: Registry
  /** @default 500 */
  heldMs?: number
  /** Clock in milliseconds. @default performance.now */
  now?: () => number
}

/**
 * Limits how many requests one caller may send, by whichever doors, for whatever they ask. A caller is a subject if one is known, and an address
 * otherwise. A library's limiter would be one for each door, and see the addresses that Fastify sees; this is one for both.
 */
export class CallerLimits {
  readonly #deps: CallerLimitsDeps
  readonly #callers: Rate | undefined
  readonly #services: Rate | undefined
  readonly #refused: Counter<'door' | 'caller'>
  #held = 0

  constructor(deps: CallerLimitsDeps) {
    this.#deps = deps
    this.#callers = rateOf(deps.perSecond, deps.now)
    this.#services = rateOf(deps.servicePerSecond, deps.now)
    this.#refused = new Counter({
      name: 'requests_limited_total',
      help: 'Requests answered 429, or RESOURCE_EXHAUSTED, because their caller had sent too many in a second',
      labelNames: ['door', 'caller'] as const,
      registers: [deps.registry],
    })
    for (const door of ['http', 'grpc'] as const) {
      for (const caller of ['customer', 'service', 'address'] as const) this.#refused.inc({ door, caller }, 0)
    }
  }

  /**
   * Counts a request.
   * @throws ApplicationFailure TooManyRequests after a while, if its caller has sent too many
   */
  async admit(door: Door, sender: Sender): Promise<void> {
    if (this.#isTaken(sender)) return
    const { kind } = sender.caller
    this.#refused.inc({ door, caller: kind === 'anybody' ? 'address' : kind })
    await this.#hold()
    throw failureOf(
      failure('TooManyRequests', 'this caller sent more requests in a second than it may; this one started nothing'),
    )
  }

  #isTaken({ caller, peer, forwardedFor, isProbe }: Sender): boolean {
    const { proxies, behindGateway } = this.#deps
    const origin = proxies.originOf(peer, forwardedFor)
    const speaksForMany =
      caller.kind === 'service' || (caller.kind === 'anybody' && (proxies.trusts(origin) || (behindGateway && origin === peer)))
    const rate = speaksForMany ? this.#services : this.#callers
    if (!rate) return true
    // A subject is whatever its issuer likes: it can be no address of another.
    const key = caller.kind === 'anybody' ? `address ${networkOf(origin)}` : `subject ${caller.subject}`
    return rate.take(isProbe ? `probe ${key}` : key)
  }

  async #hold(): Promise<void> {
    if (this.#held >= MAX_HELD) return
    this.#held++
    await sleep(this.#deps.heldMs ?? HELD_MS, undefined, { ref: false })
    this.#held--
  }
}

function rateOf(perSecond: number, now?: () => number): Rate | undefined {
  return perSecond > 0 ? new Rate(perSecond, MAX_CALLERS, now) : undefined
}
