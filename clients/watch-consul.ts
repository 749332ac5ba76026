import type { Address } from './address.ts'
import { askConsul, type ConsulAccess } from './ask-consul.ts'
import type { Target } from './target.ts'
import { type Watch, watchByLooking } from './watch.ts'

/** Time for which the agent may hold an answer back while nothing changes; it adds up to a sixteenth of that. */
const WAIT_S = 60
const GIVE_UP_MS = WAIT_S * 1_000 * (17 / 16) + 5_000
/** Time between two answers: a service that comes and goes must not keep the agent and the balancer busy. */
const PAUSE_MS = 200

/** One entry of the agent's answer: of what it says only this is read. */
interface Entry {
  Node?: { Address?: string }
  Service?: { Address?: string; Port?: number }
}

/**
 * The instances of a service whose checks pass, by blocking queries of the health API of a Consul agent
 * (`GET /v1/health/service/NAME?passing=1&index=…&wait=…`): a change is known as soon as the agent knows it.
 */
export function watchConsul({ agent, service, filter }: Extract<Target, { kind: 'consul' }>, access: ConsulAccess = {}): Watch {
  let index = 0

  return watchByLooking(async (signal) => {
    const url = new URL(`/v1/health/service/${encodeURIComponent(service)}`, agent)
    for (const [name, value] of [...filter, ['passing', '1'], ...(index > 0 ? blocking(index) : [])] as const) {
      url.searchParams.append(name, value)
    }
    const before = index
    index = 0 // after any failure the next look is answered at once
    const { status, body, ...answer } = await askConsul(url, access, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(GIVE_UP_MS)]),
    })
    if (status !== 200) throw new Error(`the Consul agent answered status ${status}`)
    const entries = JSON.parse(body) as Entry[]
    // One that went back (the agent lost its state) would block until it has caught up.
    index = answer.index >= before ? answer.index : 0
    return entries.flatMap(addressOf)
  }, PAUSE_MS)
}

function blocking(index: number): [string, string][] {
  return [
    ['index', String(index)],
    ['wait', `${WAIT_S}s`],
  ]
}

/** An instance that registered no address of its own is at its node's. */
function addressOf({ Node, Service }: Entry): Address[] {
  const host = Service?.Address || Node?.Address
  return host && Service?.Port ? [{ host, port: Service.Port }] : []
}
