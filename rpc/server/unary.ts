import { type handleUnaryCall, status } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { StatusError } from './status-error.ts'

/**
 * Makes a gRPC handler of a plain function. A StatusError is the answer; anything else it throws is a defect, which goes to
 * the log and out as INTERNAL without a word of it. Requests are never logged: they may name people.
 */
export function unary<Request, Response>(
  log: Logger,
  handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await handle(call.request))
    } catch (error) {
      if (error instanceof StatusError) return callback(error)
      log.error({ err: error, method: call.getPath() }, 'a call failed unexpectedly')
      callback(new StatusError(status.INTERNAL, 'internal error: see the log of this service'))
    }
  }
}
