import { Metadata, type status } from '@grpc/grpc-js'
import { ErrorInfo, RetryInfo } from '../../proto/generated/google/rpc/error_details.ts'
import { Status } from '../../proto/generated/google/rpc/status.ts'

/**
 * Thrown by a handler to answer with a gRPC status of its choice. With `info` the answer carries, in the trailer
 * `grpc-status-details-bin`, a google.rpc.Status with that ErrorInfo, for callers that must distinguish two refusals of one code, and with a
 * RetryInfo if the same call is worth another attempt in so many seconds.
 */
export class StatusError extends Error {
  readonly code: status
  readonly details: string
  readonly metadata = new Metadata()

  constructor(code: status, details: string, info?: ErrorInfo, retryAfterS?: number) {
    super(details)
    this.name = 'StatusError'
    this.code = code
    this.details = details
    if (!info) return
    const inside = [any('ErrorInfo', ErrorInfo.encode(info).finish())]
    if (retryAfterS) {
      const retryDelay = { seconds: BigInt(retryAfterS), nanos: 0 }
      inside.push(any('RetryInfo', RetryInfo.encode({ retryDelay }).finish()))
    }
    this.metadata.set('grpc-status-details-bin', Buffer.from(Status.encode({ code, message: details, details: inside }).finish()))
  }
}

function any(name: string, bytes: Uint8Array) {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(bytes) }
}
