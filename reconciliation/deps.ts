import type { Answer, Attendance } from '../contracts/attendance.ts'
import type { Holding, ReconciliationStore } from '../store/reconciliation-store.ts'
import type { LedgerEntry } from './judge-order.ts'
import type { Sale } from './pair-orders.ts'

/** Parts that a reconciliation asks; the composition root joins them. */
export interface ReconciliationDeps {
  store: Pick<
    ReconciliationStore,
    'holdingsAfter' | 'holding' | 'piecesByGoods' | 'baselines' | 'recordSummary' | 'recorded' | 'lookedUpTo' | 'readDoubts'
  >
  /** Absent: the inventory keeps no ledger by order number. */
  ledger?: {
    /** A page of the sales behind this order number; empty at the end. */
    salesAfter(orderSn: string): Promise<Sale[]>
    sale(orderSn: string): Promise<LedgerEntry>
  }
  /** Pieces in stock; 0 if the inventory has no record of the goods. */
  stockOf(goodsId: number): Promise<number>
  /** Asks how the runs of an unsettled order attend to it; a young order counts as attended. */
  attendanceOf(order: Holding): Promise<Pick<Attendance, 'kind'> & Partial<Answer>>
  /** Asks what a run that has ended returned for an order that it calls confirmed. */
  answerGiven(orderSn: string): Promise<Answer | undefined>
  /**
   * Numbers of the orders that runs which have completed were at, page by page.
   * @param since ISO 8601 @default all that Temporal remembers
   */
  ordersOfEndedRuns?: (since?: string) => AsyncIterable<string[]>
  /** Called for every order and every reading of the stock: the reconciliation is alive. @throws whatever is to end it */
  beat?: () => void
}
