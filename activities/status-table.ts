import { type ServiceError, status } from '@grpc/grpc-js'
import type { ApplicationFailure } from '@temporalio/common'
import { CallNotSent } from '../clients/call-not-sent.ts'
import { errorInfoOf } from '../clients/error-info.ts'
import { failureOf } from '../contracts/application-failure.ts'
import { type FailureType, type Refusal, refusal } from '../contracts/failures.ts'
import { isId } from '../contracts/id.ts'

/** What one answer of a service means. All that is given has to match. */
interface Rule {
  status: status
  /** ErrorInfo.reason, as our reference services send it. */
  reason?: string
  /** Of the status, for services that send nothing else. */
  message?: RegExp
  means: FailureType
}

/**
 * Per method; the first rule that matches. A refusal is what only the service can have said. RESOURCE_EXHAUSTED and UNKNOWN are
 * made up by client libraries and proxies too (message too large, rate limit, a broken answer), so those need a reason, or the
 * original's message. NOT_FOUND needs none: no library makes it up (gRPC, "Status codes and their use in gRPC"), and for the
 * HTTP 404 of a proxy there is UNIMPLEMENTED.
 */
const RULES = {
  'goods/BatchGetGoods': [{ status: status.NOT_FOUND, means: 'GoodsNotFound' }],
  'user/GetUserById': [
    { status: status.NOT_FOUND, means: 'UserNotFound' },
    { status: status.UNKNOWN, message: /record not found/, means: 'UserNotFound' },
  ],
  'inventory/Sell': [
    { status: status.RESOURCE_EXHAUSTED, reason: 'INSUFFICIENT_STOCK', means: 'InsufficientStock' },
    { status: status.RESOURCE_EXHAUSTED, message: /库存不足/, means: 'InsufficientStock' },
    { status: status.NOT_FOUND, means: 'InsufficientStock' },
    { status: status.FAILED_PRECONDITION, reason: 'SALE_RETURNED', means: 'OrderClosed' },
  ],
  'inventory/Reback': [],
} satisfies Record<string, Rule[]>

export type RpcMethod = keyof typeof RULES

/** The methods that activities call. */
export const METHODS_CALLED = Object.keys(RULES) as RpcMethod[]

/** Goods that one message names; the details name all. */
const NAMED_IN_MESSAGE = 10

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
 * connection was ended. Whatever status it makes of that, it says nothing of the request.
 */
const MADE_UP = /^(Received HTTP status code \d+|Protocol not secure enough)$/

/**
 * What the answer means where it is a refusal: an answer of the business, and no fault of the service.
 * @param method any; of one without rules nothing is a refusal
 */
export function refusalOf(method: string, error: ServiceError): FailureType | undefined {
  const rules: Rule[] = Object.hasOwn(RULES, method) ? RULES[method as RpcMethod] : []
  return rules.find(
    ({ status, reason, message }) =>
      status === error.code && (!reason || reason === errorInfoOf(error)?.reason) && (!message || message.test(error.details)),
  )?.means
}

/**
 * The typed failure for a call that failed: a refusal by the rules above, ServiceUnavailable where another attempt may
 * help, ServiceRejected where none will.
 * @param facts go into the failure's details
 * @param showLeft whether a caller may know how many pieces there are of goods that are short
 */
export function failureOfCall(
  method: RpcMethod,
  error: unknown,
  facts: Record<string, unknown> = {},
  showLeft = false,
): ApplicationFailure {
  const [service = ''] = method.split('/')
  if (error instanceof CallNotSent) {
    const { details, retryAfterMs } = error
    return failureOf(
      refusal('ServiceUnavailable', `${method} was not called: ${details}`, { service, ...facts }),
      retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs },
    )
  }
  if (!isServiceError(error)) {
    return failureOf(refusal('InternalError', `${method}: ${String(error)}`, facts), asCause(error))
  }
  const info = errorInfoOf(error)
  const isTransient = TRANSIENT.has(error.code) || MADE_UP.test(error.details)
  const type = refusalOf(method, error) ?? (isTransient ? 'ServiceUnavailable' : 'ServiceRejected')
  // What the user service writes may name a person: of it only these words of our balancer are repeated.
  const told = service === 'user' ? /^not connected(?=:)/.exec(error.details)?.[0] : printable(error.details)
  const said = told === undefined ? '' : `: ${told}`
  const goodsIds = info?.metadata.goodsIds?.split(',').map(Number).filter(isId)
  if (type === 'InsufficientStock') {
    return failureOf(shortage(error, { service, ...facts }, goodsIds ?? goodsIn(error.details), showLeft), asCause(error))
  }
  return failureOf(
    refusal(type, `${method} answered ${status[error.code]}${said}`, { service, ...facts, ...(goodsIds && { goodsIds }) }),
    asCause(error),
  )
}

/** In words of our own: those of the service may say how many pieces there are, which is the shop's to tell. */
function shortage(
  error: ServiceError,
  facts: Record<string, unknown>,
  goodsIds: number[] | undefined,
  showLeft: boolean,
): Refusal {
  const more = (goodsIds?.length ?? 0) - NAMED_IN_MESSAGE
  const of = goodsIds ? ` of goods ${goodsIds.slice(0, NAMED_IN_MESSAGE).join(', ')}${more > 0 ? ` and ${more} more` : ''}` : ''
  const left = errorInfoOf(error)
    ?.metadata.left?.split(',')
    .flatMap((one) => {
      const [goodsId, pieces] = one.split(':').map(Number)
      return isId(goodsId) && Number.isSafeInteger(pieces) ? [{ goodsId, left: pieces }] : []
    })
  return refusal('InsufficientStock', `not enough stock${of}`, {
    ...facts,
    ...(goodsIds && { goodsIds }),
    ...(showLeft && left && { left }),
  })
}

/** The goods that the original names, in its words alone: of several it names the first. */
function goodsIn(details: string): number[] | undefined {
  const goodsId = Number(/^商品\s*\[?(\d+)/.exec(details)?.[1])
  return isId(goodsId) ? [goodsId] : undefined
}

/** Half a character can't be sent to Temporal, and NUL can't be stored: the failure itself would fail. */
function printable(details: string): string {
  return details.slice(0, 300).toWellFormed().replaceAll('\0', '')
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as ServiceError).code === 'number' && (error as ServiceError).code in status
}

/** Not the error itself: its message and metadata would go into the history whole. */
function asCause(error: unknown) {
  return error instanceof Error && !isServiceError(error) ? { cause: error } : {}
}
