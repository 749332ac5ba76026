import { status } from '@grpc/grpc-js'

/** Why a call was not even sent. */
export type NotSentReason = 'circuit_open' | 'too_many_calls'

/**
 * A call that was held back on our side: whatever its method, it took no effect. It has the code of a service that is away,
 * because that is what it comes to for its caller.
 */
export class CallNotSent extends Error {
  override readonly name = 'CallNotSent'
  readonly code = status.UNAVAILABLE
  readonly details: string
  readonly reason: NotSentReason
  /** When another attempt is worth it, in milliseconds from now; without it, whenever the caller's retry policy says. */
  readonly retryAfterMs: number | undefined

  constructor(reason: NotSentReason, details: string, retryAfterMs?: number) {
    super(details)
    this.reason = reason
    this.details = details
    this.retryAfterMs = retryAfterMs
  }
}
