import { type ServiceError, status } from '@grpc/grpc-js'
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from 'cockatiel'
import { CallNotSent } from './call-not-sent.ts'

/** `half-open`: the next call is let through, alone, and decides. */
export type BreakerState = 'closed' | 'half-open' | 'open'

export interface BreakerOptions {
  service: string
  /** So many calls in a row without an answer open it. */
  failures: number
  /** How long it stays open before it lets a call try, in milliseconds. */
  openMs: number
  /** @param cause name of the gRPC status that opened it; none where it was open before, and a trial failed */
  onState?: (state: BreakerState, cause?: string) => void
}

/** Between two that wait, in milliseconds: of up to 200 that wait 20 a second come again, which Temporal has time for. */
const APART_MS = 50
/** Nobody waits longer than that, beside the time until the trial: open orders are to be settled 30 s after a service's return. */
const LONGEST_MS = 10_000

type Settled<T> = { value: T } | { error: unknown }

/**
 * Stops calling a service that does not answer. Closed, it counts; open, it throws CallNotSent at once; half-open, one call
 * tries. What opens it is silence (isSilence), never an answer: a refusal shows that the service lives, and closes it.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions
  readonly #policy: CircuitBreakerPolicy
  #state: BreakerState = 'closed'
  #triesAt = 0
  /** When the last one that was sent away is to come again, give or take. */
  #lastPlace = 0
  #lapse: NodeJS.Timeout | undefined
  #lastSilence: string | undefined

  constructor(options: BreakerOptions) {
    this.#options = options
    // Refusals come as values, not as throws: cockatiel leaves a throw that it does not handle out of the count.
    this.#policy = circuitBreaker(
      handleWhenResult((settled) => 'error' in (settled as Settled<unknown>) && isSilence((settled as { error: unknown }).error)),
      { halfOpenAfter: options.openMs, breaker: new ConsecutiveBreaker(options.failures) },
    )
    this.#policy.onStateChange((state) => this.#changed(state))
  }

  /** @throws CallNotSent, and what the call throws */
  async call<T>(send: () => Promise<T>): Promise<T> {
    // Here cockatiel would have all callers wait for the one that tries, for as long as its deadline is.
    if (this.#policy.state === CircuitState.HalfOpen) throw this.#notSent()
    const settled = await this.#policy
      .execute(() => this.#settle(send()))
      .catch((error: unknown): never => {
        throw isBrokenCircuitError(error) ? this.#notSent() : error
      })
    if ('error' in settled) throw settled.error
    return settled.value
  }

  async #settle<T>(answer: Promise<T>): Promise<Settled<T>> {
    try {
      return { value: await answer }
    } catch (error) {
      if (isSilence(error)) this.#lastSilence = status[error.code]
      return { error }
    }
  }

  /**
   * Those that wait come again one after the other, behind the moment when it half-opens, since they may be thousands; and
   * shifted by up to as long as it was open, so that whoever is not first finds it decided.
   */
  #notSent(): CallNotSent {
    const { service, openMs } = this.#options
    const now = Date.now()
    this.#lastPlace = Math.min(Math.max(now, this.#lastPlace + APART_MS), now + LONGEST_MS)
    const untilTrial = Math.max(0, this.#triesAt - now)
    const shift = Math.random() * openMs
    return new CallNotSent(
      'circuit_open',
      `${service} does not answer (${this.#lastSilence}), its circuit breaker is open`,
      Math.ceil(untilTrial + (this.#lastPlace - now) + shift),
    )
  }

  #changed(state: CircuitState): void {
    clearTimeout(this.#lapse)
    if (state !== CircuitState.Open) {
      this.#report(state === CircuitState.Closed ? 'closed' : 'half-open')
      return
    }
    const { openMs } = this.#options
    this.#triesAt = Date.now() + openMs
    this.#report('open', this.#state === 'closed' ? this.#lastSilence : undefined)
    // Cockatiel tells of it when a call comes, and where none does it would be called open for ever.
    this.#lapse = setTimeout(() => this.#report('half-open'), openMs).unref()
  }

  #report(state: BreakerState, cause?: string): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onState?.(state, cause)
  }
}

/**
 * Whether nobody answered: no connection or one that broke (UNAVAILABLE, and INTERNAL as grpc-js itself makes it of a broken
 * stream), or no answer within the deadline. A service's own INTERNAL is an answer.
 */
function isSilence(error: unknown): error is ServiceError {
  const { code, details } = error as Partial<ServiceError>
  if (code === status.INTERNAL) return details?.startsWith('Received RST_STREAM') === true
  return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED
}
