import { type ServiceError, status } from '@grpc/grpc-js'
import { CallNotSent } from '../clients/call-not-sent.ts'

/** What an answer to Sell or Reback says of the stock. UNKNOWN: it may have been changed, or may still be. */
export type StockOutcome = 'APPLIED' | 'NOT_APPLIED' | 'UNKNOWN'

/** One kind of answer; `says` is matched against the status message where it is given. */
interface StockAnswer {
  status: status
  says?: RegExp
  outcome: StockOutcome
  /** How one knows. */
  because: string
}

/**
 * What the answers of an inventory without keys prove; the first that matches. Its Sell and its Reback share their code for
 * locks, transaction and commit, so this is true of both. Whatever has no line here proves nothing.
 */
const ANSWERS: readonly StockAnswer[] = [
  { status: status.INVALID_ARGUMENT, outcome: 'NOT_APPLIED', because: 'refused before the transaction' },
  { status: status.NOT_FOUND, outcome: 'NOT_APPLIED', because: 'a line has no stock record: rolled back' },
  { status: status.RESOURCE_EXHAUSTED, says: /库存不足/, outcome: 'NOT_APPLIED', because: 'out of stock: rolled back' },
  {
    status: status.RESOURCE_EXHAUSTED,
    says: /^Received message larger/,
    outcome: 'UNKNOWN',
    because: 'our channel dropped the answer, which came after the work',
  },
  { status: status.RESOURCE_EXHAUSTED, outcome: 'NOT_APPLIED', because: 'the channel or a proxy let no request through' },
  { status: status.ABORTED, outcome: 'NOT_APPLIED', because: 'an optimistic lock was lost: rolled back' },
  { status: status.INTERNAL, says: /^系统忙/, outcome: 'NOT_APPLIED', because: 'the locks of the goods were not had' },
  { status: status.INTERNAL, says: /^开启事务失败/, outcome: 'NOT_APPLIED', because: 'the transaction did not begin' },
  { status: status.INTERNAL, says: /^查询库存失败/, outcome: 'NOT_APPLIED', because: 'reading failed: rolled back' },
  { status: status.INTERNAL, says: /^更新库存失败/, outcome: 'NOT_APPLIED', because: 'writing failed: rolled back' },
  { status: status.INTERNAL, says: /^提交事务失败/, outcome: 'UNKNOWN', because: 'a commit that failed may have happened' },
  { status: status.UNIMPLEMENTED, outcome: 'NOT_APPLIED', because: 'nobody there has the method' },
  { status: status.UNAUTHENTICATED, outcome: 'NOT_APPLIED', because: 'a gateway turned the call away' },
  { status: status.PERMISSION_DENIED, outcome: 'NOT_APPLIED', because: 'a gateway turned the call away' },
  // Words of our balancer and of grpc-js, for calls that never got a connection; test/activities holds them to the real ones.
  { status: status.UNAVAILABLE, says: /^not connected/, outcome: 'NOT_APPLIED', because: 'it was not sent' },
  { status: status.UNAVAILABLE, says: /No connection established/, outcome: 'NOT_APPLIED', because: 'it was not sent' },
  { status: status.UNAVAILABLE, says: /^Name resolution failed/, outcome: 'NOT_APPLIED', because: 'it was not sent' },
  {
    status: status.DEADLINE_EXCEEDED,
    says: /Waiting for LB pick|waiting for name resolution/,
    outcome: 'NOT_APPLIED',
    because: 'it was not sent',
  },
]

/** What this answer to a Sell or a Reback proves; an error that is no answer proves nothing. */
export function stockOutcomeOf(error: unknown): StockOutcome {
  if (error instanceof CallNotSent) return 'NOT_APPLIED'
  const { code, details } = (error ?? {}) as Partial<ServiceError>
  const found = ANSWERS.find(({ status, says }) => status === code && (!says || says.test(details ?? '')))
  return found?.outcome ?? 'UNKNOWN'
}
