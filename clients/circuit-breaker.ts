import { type ServiceError, status } from '@grpc/grpc-js'
import { BREAKER_QUEUE_MS } from '../contracts/time-budget.ts'
import { CallNotSent } from './call-not-sent.ts'

/** `half-open`: the next call is let through, alone, and decides. */
export type BreakerState = 'closed' | 'half-open' | 'open'

export interface BreakerOptions {
  service: string
  /** Number of calls in a row without an answer that open the circuit. */
  failures: number
  /** Time for which the circuit stays open before it lets a call try, in milliseconds. */
  openMs: number
  /** @param cause name of the gRPC status that opened it; none if it was open before, and a trial failed */
  onState?: (state: BreakerState, cause?: string) => void
}

/**
 * Time between two waiting calls, in milliseconds: of up to 200 that wait, 20 a second come again, which Temporal has time for.
 */
const APART_MS = 50

/**
 * Stops calling a service that does not answer. Closed, it counts; open, it throws CallNotSent at once; half-open, one call
 * tries. What opens it is silence (isSilence), never an answer: a refusal shows that the service lives, and closes it.
 * All its times are those of a clock that no administrator can set back.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions
  #state: BreakerState = 'closed'
  /** Counts the changes of state: an answer to a call that was sent before the last one proves nothing any more. */
  #epoch = 0
  #silences = 0
  #isTrying = false
  #triesAt = 0
  /** Time at which the last call that was sent away is to come again, give or take. */
  #lastPlace = 0
  #lastSilence: string | undefined

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** @throws CallNotSent, and what the call throws */
  async call<T>(send: () => Promise<T>): Promise<T> {
    if (this.#state === 'open' || this.#isTrying) throw this.#notSent()
    this.#isTrying = this.#state === 'half-open'
    const epoch = this.#epoch
    try {
      const value = await send()
      this.#ended(epoch)
      return value
    } catch (error) {
      this.#ended(epoch, isSilence(error) ? status[error.code] : undefined)
      throw error
    }
  }

  /** @param silence name of the gRPC status of a call that nobody answered */
  #ended(epoch: number, silence?: string): void {
    if (epoch !== this.#epoch) return
    if (silence === undefined) {
      this.#silences = 0
      this.#become('closed')
      return
    }
    this.#lastSilence = silence
    this.#silences++
    if (this.#state === 'closed' && this.#silences < this.#options.failures) return
    const { openMs } = this.#options
    this.#triesAt = performance.now() + openMs
    this.#become('open', this.#state === 'closed' ? silence : undefined)
    // Whether a call comes or not: nobody is to call it open for ever.
    setTimeout(() => this.#become('half-open'), openMs).unref()
  }

  #become(state: BreakerState, cause?: string): void {
    if (state === this.#state) return
    this.#state = state
    this.#epoch++
    this.#isTrying = false
    this.#options.onState?.(state, cause)
  }

  /**
   * Calls that wait come again one after the other, behind the moment when it half-opens, since they may be thousands; and
   * shifted by up to as long as it was open, so that whoever is not first finds it decided.
   */
  #notSent(): CallNotSent {
    const { service, openMs } = this.#options
    const now = performance.now()
    this.#lastPlace = Math.min(Math.max(now, this.#lastPlace + APART_MS), now + BREAKER_QUEUE_MS)
    const untilTrial = Math.max(0, this.#triesAt - now)
    const shift = Math.random() * openMs
    return new CallNotSent(
      'circuit_open',
      `${service} does not answer (${this.#lastSilence}), its circuit breaker is open`,
      Math.ceil(untilTrial + (this.#lastPlace - now) + shift),
    )
  }
}

/**
 * Reports whether nobody answered: no connection or one that broke (UNAVAILABLE, and INTERNAL as grpc-js itself makes it of a
 * broken stream), or no answer within the deadline. A service's own INTERNAL is an answer.
 */
function isSilence(error: unknown): error is ServiceError {
  const { code, details } = error as Partial<ServiceError>
  if (code === status.INTERNAL) return details?.startsWith('Received RST_STREAM') === true
  return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED
}
