import { Metadata, type status } from '@grpc/grpc-js'
import { ErrorInfo } from '../../proto/generated/google/rpc/error_details.ts'
import { Status } from '../../proto/generated/google/rpc/status.ts'

/**
 * Thrown by a handler to answer with a gRPC status of its choice. With `info` the answer carries, in the trailer
 * `grpc-status-details-bin`, a google.rpc.Status with that ErrorInfo, for callers that must distinguish two refusals of one code.
 */
export class StatusError extends Error {
  readonly code: status
  readonly details: string
  readonly metadata = new Metadata()

  constructor(code: status, details: string, info?: ErrorInfo) {
    super(details)
    this.name = 'StatusError'
    this.code = code
    this.details = details
    if (!info) return
    const any = { typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: Buffer.from(ErrorInfo.encode(info).finish()) }
    this.metadata.set('grpc-status-details-bin', Buffer.from(Status.encode({ code, message: details, details: [any] }).finish()))
  }
}
