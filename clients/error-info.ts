import type { ServiceError } from '@grpc/grpc-js'
import { ErrorInfo } from '../proto/generated/google/rpc/error_details.ts'
import { Status } from '../proto/generated/google/rpc/status.ts'

const TRAILER = 'grpc-status-details-bin'
const TYPE = 'type.googleapis.com/google.rpc.ErrorInfo'

/**
 * Returns the reason that a service gave machines for its refusal (AIP-193), or `undefined` if it gave none or a malformed one.
 */
export function errorInfoOf(error: ServiceError): ErrorInfo | undefined {
  const [bytes] = error.metadata?.get(TRAILER) ?? []
  if (!(bytes instanceof Uint8Array)) return undefined
  try {
    const info = Status.decode(bytes).details.find(({ typeUrl }) => typeUrl === TYPE)
    return info && ErrorInfo.decode(info.value)
  } catch {
    return undefined
  }
}
