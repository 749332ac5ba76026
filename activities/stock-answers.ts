import { type ServiceError, status } from '@grpc/grpc-js'
import { wasNeverSent } from '../clients/never-sent.ts'

/** Meaning of an answer to Sell or Reback for the stock. UNKNOWN: it may have been changed, or may still be. */
export type StockOutcome = 'APPLIED' | 'NOT_APPLIED' | 'UNKNOWN'

/** One kind of answer by which the service itself reports that nothing was applied. */
interface Proof {
  status: status
  /** Matched against the status message. Absent only if no library makes up the status. */
  says?: RegExp
  /** Source of the knowledge. */
  because: string
}

/**
 * The answers of an inventory without keys that prove that nothing was applied. Its Sell and its Reback share their code for
 * locks, transaction and commit, so this is true of both. Whatever has no line here proves nothing.
 *
 * A status alone is no proof: grpc-js makes one up for whatever ends a stream, a connection or an answer, and proxies do for
 * whatever ends their own. RESOURCE_EXHAUSTED is a GOAWAY by which a server sheds the calls that it is at, PERMISSION_DENIED and
 * UNAUTHENTICATED are an HTTP status, UNIMPLEMENTED an answer that can't be decompressed. So each line needs words of the
 * service; but for the three statuses that libraries never make up (gRPC, "Status codes and their use in gRPC").
 */
const PROOFS: readonly Proof[] = [
  { status: status.INVALID_ARGUMENT, because: 'refused before the transaction' },
  { status: status.NOT_FOUND, because: 'a line has no stock record: rolled back' },
  { status: status.ABORTED, because: 'an optimistic lock was lost: rolled back' },
  { status: status.RESOURCE_EXHAUSTED, says: /库存不足/, because: 'out of stock: rolled back' },
  { status: status.INTERNAL, says: /^系统忙/, because: 'the locks of the goods were not had' },
  { status: status.INTERNAL, says: /^开启事务失败/, because: 'the transaction did not begin' },
  { status: status.INTERNAL, says: /^查询库存失败/, because: 'reading failed: rolled back' },
  { status: status.INTERNAL, says: /^更新库存失败/, because: 'writing failed: rolled back' },
  { status: status.INTERNAL, says: /^归还库存失败/, because: 'giving back failed: rolled back' },
  // 提交事务失败 is none: a commit that failed may have happened.
  // The words of the servers of grpc-go, whose stubs have some of their own, and of grpc-js.
  {
    status: status.UNIMPLEMENTED,
    says: /^(unknown (service|method) |method \w+ not implemented$|The server does not implement the method )/,
    because: 'nobody there has the method',
  },
]

/** Returns what this answer to a Sell or a Reback proves; an error that is no answer proves nothing. */
export function stockOutcomeOf(error: unknown): StockOutcome {
  if (wasNeverSent(error)) return 'NOT_APPLIED'
  const { code, details } = (error ?? {}) as Partial<ServiceError>
  return PROOFS.some(({ status, says }) => status === code && (!says || says.test(details ?? ''))) ? 'NOT_APPLIED' : 'UNKNOWN'
}
