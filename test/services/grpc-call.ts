import type { ServiceError } from '@grpc/grpc-js'
import { ErrorInfo } from '../../proto/generated/google/rpc/error_details.ts'
import { Status } from '../../proto/generated/google/rpc/status.ts'

/** The answer of one unary call as a promise: `answer((done) => client.sell(request, done))`. */
export function answer<Response>(send: (done: (error: ServiceError | null, response: Response) => void) => unknown) {
  return new Promise<Response>((resolve, reject) => {
    send((error, response) => (error ? reject(error) : resolve(response)))
  })
}

/** The ErrorInfo in the trailer `grpc-status-details-bin`, read as any client of the wire would. */
export function errorInfoIn(error: ServiceError): ErrorInfo | undefined {
  const [trailer] = error.metadata.get('grpc-status-details-bin')
  if (!Buffer.isBuffer(trailer)) return undefined
  const { code, details } = Status.decode(trailer)
  const [any] = details
  return code === error.code && any?.typeUrl.endsWith('/google.rpc.ErrorInfo') ? ErrorInfo.decode(any.value) : undefined
}

/** The error that a call must end with. */
export async function refusalOf(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    (response) => Promise.reject(new Error(`answered instead of being refused: ${JSON.stringify(response)}`)),
    (error: ServiceError) => error,
  )
}
