import { type ServiceError, status } from '@grpc/grpc-js'
import type { FailureType } from '../contracts/failures.ts'
import { PARTICIPANTS, type ParticipantMethod } from '../contracts/participants/list.ts'
import type { AnswerRule } from '../contracts/participants/participant.ts'
import { errorInfoOf } from './error-info.ts'

/**
 * Per method, those of the participants by their own files; the first rule that matches. A refusal is an answer that only the service can have given. RESOURCE_EXHAUSTED and UNKNOWN are
 * made up by client libraries and proxies too (message too large, rate limit, a broken answer), so those need a reason, or the
 * original's message. NOT_FOUND needs none: no library makes it up (gRPC, "Status codes and their use in gRPC"), and for the
 * HTTP 404 of a proxy there is UNIMPLEMENTED.
 */
const RULES: Record<string, readonly AnswerRule[]> = {
  'goods/BatchGetGoods': [{ status: 'NOT_FOUND', means: 'GoodsNotFound' }],
  'user/GetUserById': [
    { status: 'NOT_FOUND', means: 'UserNotFound' },
    { status: 'UNKNOWN', message: /record not found/, means: 'UserNotFound' },
  ],
  ...Object.fromEntries(
    PARTICIPANTS.flatMap(({ name, do: doing, undo }) =>
      [doing, undo].map(({ method, answers }) => [`${name}/${method}`, answers]),
    ),
  ),
}

export type RpcMethod = 'goods/BatchGetGoods' | 'user/GetUserById' | ParticipantMethod

/** The methods that activities call. */
export const METHODS_CALLED = Object.keys(RULES) as RpcMethod[]

/** Statuses that say nothing of the request itself: worth another attempt. The others will be the same the next time. */
const TRANSIENT = new Set<status>([
  status.CANCELLED,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

/**
 * Words of grpc-js for what was answered by no service at all: the HTTP status of a proxy, the code by which a stream or a
 * connection was ended. Whatever status it makes of that, it proves nothing about the request.
 */
const MADE_UP = /^(Received HTTP status code \d+|Protocol not secure enough)$/

/**
 * Meaning of the answer if it is a refusal: an answer of the business, and no fault of the service.
 * @param method any; of one without rules nothing is a refusal
 */
export function refusalOf(method: string, error: ServiceError): FailureType | undefined {
  const rules = Object.hasOwn(RULES, method) ? RULES[method] : []
  return rules?.find(
    ({ status: name, reason, message }) =>
      status[name] === error.code &&
      (!reason || reason === errorInfoOf(error)?.reason) &&
      (!message || message.test(error.details)),
  )?.means
}

/** Meaning of the answer in any case: a refusal, ServiceUnavailable if another attempt may help, or else ServiceRejected. */
export function meaningOf(method: RpcMethod, error: ServiceError): FailureType {
  const isTransient = TRANSIENT.has(error.code) || MADE_UP.test(error.details)
  return refusalOf(method, error) ?? (isTransient ? 'ServiceUnavailable' : 'ServiceRejected')
}
