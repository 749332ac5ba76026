import { CallNotSent, type NotSentReason } from './call-not-sent.ts'
import { type BreakerOptions, CircuitBreaker } from './circuit-breaker.ts'

export interface GateOptions extends BreakerOptions {
  /** Calls under way at the same time; one more is not sent. */
  maxInFlight: number
  onNotSent?: (reason: NotSentReason) => void
}

/**
 * The gate that every call to one service passes before it is sent: first the bulkhead, so that a slow service holds no more than
 * its share of the worker, then the circuit breaker. A full bulkhead proves nothing about the service, and opens no circuit.
 */
export class CallGate {
  readonly #options: GateOptions
  readonly #breaker: CircuitBreaker
  #inFlight = 0

  constructor(options: GateOptions) {
    this.#options = options
    this.#breaker = new CircuitBreaker(options)
  }

  /** @throws CallNotSent, and what the call throws */
  async pass<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await this.#withinLimit(() => this.#breaker.call(send))
    } catch (error) {
      if (error instanceof CallNotSent) this.#options.onNotSent?.(error.reason)
      throw error
    }
  }

  async #withinLimit<T>(send: () => Promise<T>): Promise<T> {
    const { service, maxInFlight } = this.#options
    if (this.#inFlight >= maxInFlight) {
      throw new CallNotSent('too_many_calls', `${maxInFlight} calls to ${service} are under way, which is the limit`)
    }
    this.#inFlight++
    try {
      return await send()
    } finally {
      this.#inFlight--
    }
  }
}
