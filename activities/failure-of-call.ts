import { type ServiceError, status } from '@grpc/grpc-js'
import type { ApplicationFailure } from '@temporalio/common'
import { meaningOf, type RpcMethod } from '../clients/answers.ts'
import { CallNotSent } from '../clients/call-not-sent.ts'
import { errorInfoOf } from '../clients/error-info.ts'
import { failureOf } from '../contracts/application-failure.ts'
import { type Failure, failure } from '../contracts/failures.ts'
import { isId } from '../contracts/kinds.ts'
import { shownText } from '../contracts/shown-text.ts'

/** Goods that one message names; the details name all. */
const NAMED_IN_MESSAGE = 10

/** Characters of a service's own words that are kept. */
const MAX_SAID = 300

/**
 * The typed failure for a call that failed: its type is what the answer means (clients/answers.ts). The message is read by whoever placed the
 * order and is ours; what the service said is a detail that only operators see.
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
      failure('ServiceUnavailable', `${method} was not called: ${details}`, { service, ...facts }),
      retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs },
    )
  }
  if (!isServiceError(error)) {
    const said = printable(String(error))
    return failureOf(failure('InternalError', `${method} failed without an answer`, { ...facts, said }), asCause(error))
  }
  const info = errorInfoOf(error)
  const type = meaningOf(method, error)
  // What the user service writes may name a person: of it only these words of our balancer are repeated.
  const words = service === 'user' ? /^not connected(?=:)/.exec(error.details)?.[0] : printable(error.details)
  const said = words ? { said: words } : {}
  const goodsIds = info?.metadata.goodsIds?.split(',').map(Number).filter(isId)
  if (type === 'InsufficientStock') {
    return failureOf(shortage(error, { service, ...facts }, goodsIds ?? goodsIn(error.details), showLeft), asCause(error))
  }
  return failureOf(
    failure(type, `${method} answered ${status[error.code]}`, { service, ...facts, ...(goodsIds && { goodsIds }), ...said }),
    asCause(error),
  )
}

/** Says it in words of our own: those of the service may say how many pieces there are, which the shop decides to show. */
function shortage(
  error: ServiceError,
  facts: Record<string, unknown>,
  goodsIds: number[] | undefined,
  showLeft: boolean,
): Failure {
  const more = (goodsIds?.length ?? 0) - NAMED_IN_MESSAGE
  const of = goodsIds ? ` of goods ${goodsIds.slice(0, NAMED_IN_MESSAGE).join(', ')}${more > 0 ? ` and ${more} more` : ''}` : ''
  const left = errorInfoOf(error)
    ?.metadata.left?.split(',')
    .flatMap((one) => {
      const [goodsId, pieces] = one.split(':').map(Number)
      return isId(goodsId) && pieces !== undefined && Number.isSafeInteger(pieces) ? [{ goodsId, left: pieces }] : []
    })
  return failure('InsufficientStock', `not enough stock${of}`, {
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
function printable(words: string): string {
  return shownText(words.slice(0, MAX_SAID)).slice(0, MAX_SAID).toWellFormed()
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as ServiceError).code === 'number' && (error as ServiceError).code in status
}

/** Keeps less than the error: its message and metadata would go into the history whole. */
function asCause(error: unknown) {
  return error instanceof Error && !isServiceError(error) ? { cause: error } : {}
}
