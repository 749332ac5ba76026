import { status } from '@grpc/grpc-js'
import { RETRY_AFTER_S } from '../api/problems.ts'
import { failureIn } from '../contracts/application-failure.ts'
import type { FailureRow } from '../contracts/failure-row.ts'
import { FAILURES, type Failure } from '../contracts/failures.ts'
import { messageForCallers } from '../contracts/message-for-callers.ts'
import { InvalidField } from './invalid-field.ts'
import { StatusError } from './server/status-error.ts'
import { type OrderMethod, OTHER_TEXT, TEXTS, TEXTS_OF } from './texts.ts'

/** `domain` of every ErrorInfo of this service. */
const DOMAIN = 'order-saga'
/** Trailers hold some 8 KB: this many goods are named in them, and as many characters of what happened. */
const GOODS_NAMED = 100
const MAX_DETAIL = 500

/** A call that is refused, with what became of it. */
export interface Refusal {
  error: StatusError
  failure: Failure
}

/** Returns the answer to a call that failed in a way that the failure table knows; `undefined` if it does not. */
export function refusalOf(error: unknown, method: OrderMethod): Refusal | undefined {
  const failed = failureIn(error)
  return (
    failed && { error: refusalError(failed, method, error instanceof InvalidField ? error.text : undefined), failure: failed }
  )
}

/** Makes a failure the answer that the original would give. @param text stands in for that of the table */
export function refusalError(failed: Failure, method: OrderMethod, text?: string): StatusError {
  const answer = TEXTS_OF[method]?.[failed.type] ?? TEXTS[failed.type] ?? OTHER_TEXT
  const code = status[(answer.code ?? FAILURES[failed.type].grpc) as keyof typeof status]
  const { orderSn, goodsId, goodsIds = goodsId === undefined ? [] : [goodsId], service, fields } = failed.details
  const { retryAfter }: FailureRow = FAILURES[failed.type]
  const info = {
    reason: failed.type,
    domain: DOMAIN,
    metadata: {
      code: String(failed.code),
      detail: messageForCallers(failed).slice(0, MAX_DETAIL),
      ...(orderSn && { orderSn }),
      ...(goodsIds.length > 0 && { goodsIds: goodsIds.slice(0, GOODS_NAMED).join(',') }),
      ...(service && { service }),
      ...(fields && {
        fields: fields
          .map(({ field }) => field)
          .join(',')
          .slice(0, MAX_DETAIL),
      }),
    },
  }
  return new StatusError(code, text ?? answer.text, info, retryAfter && RETRY_AFTER_S)
}
