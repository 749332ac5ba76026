import { status } from '@grpc/grpc-js'

/** Reason for which a call was not even sent. */
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
  /** Milliseconds until another attempt is worth it. If absent, the caller's retry policy decides. */
  readonly retryAfterMs: number | undefined

  constructor(reason: NotSentReason, details: string, retryAfterMs?: number) {
    super(details)
    this.reason = reason
    this.details = details
    this.retryAfterMs = retryAfterMs
  }
}
