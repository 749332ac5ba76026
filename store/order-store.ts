import { type Fingerprints, PLAIN_FINGERPRINTS } from '../contracts/fingerprints.ts'
import type { Line } from '../contracts/order.ts'
import { archivableAge } from './archive/archivable-age.ts'
import { archiveOldOrders } from './archive/archive-old-orders.ts'
import { appendAudit, readAudit } from './audit.ts'
import { bound } from './bound.ts'
import { confirmOrders } from './confirm-orders.ts'
import type { Database } from './database.ts'
import { forgetRecipients } from './forget-recipients.ts'
import { getOrder, getOrderById, getOrders } from './get-orders.ts'
import { inCompensation } from './in-compensation.ts'
import { keepInDoubt } from './keep-in-doubt.ts'
import { beginPayment } from './life/begin-payment.ts'
import { closeDueOrders, closeDueSparing, closeOrder } from './life/close-orders.ts'
import { deleteOrder } from './life/delete-order.ts'
import { findReturning } from './life/find-returning.ts'
import { finishOrder } from './life/finish-order.ts'
import { listOrders } from './life/list-orders.ts'
import { overdue } from './life/overdue.ts'
import { paymentsOf } from './life/payments.ts'
import { recordPayment } from './life/record-payment.ts'
import { markRefunded, refundsOwed } from './life/refunds.ts'
import { markReturned, markReturnedSparing } from './mark-returned.ts'
import { type AskedKey, naturalKeys } from './natural-keys.ts'
import { type OpenIntent, openOrders } from './open-orders.ts'
import { listSlips, orderIds, orderSlip, slipLines } from './order-slips.ts'
import { proveWritable } from './prove-writable.ts'
import { recordedOrders } from './recorded-orders.ts'
import { resolveInDoubt } from './resolve-in-doubt.ts'
import { restoreOrder } from './restore-order.ts'
import { stockClaims } from './stock-claims.ts'
import type { StoredOrder } from './stored-order.ts'
import { troubledOrders } from './troubled-orders.ts'
import { doubtReback, markAllSent, markSent, noteEvidence, recordAnswers } from './unkeyed-stock.ts'
import { countUnsettled, findUnsettled } from './unsettled.ts'
import type { UserCaps } from './user-caps.ts'
import { type VoidIntent, voidOrders } from './void-orders.ts'

/** All that the store does with orders; a new function of it is one entry here. */
const FUNCTIONS = {
  proveWritable,
  recordedOrders,
  getOrder,
  getOrderById,
  getOrders,
  naturalKeys,
  openOrders,
  confirmOrders,
  voidOrders,
  stockClaims,
  markReturned,
  markReturnedSparing,
  countUnsettled,
  findUnsettled,
  inCompensation,
  troubledOrders,
  markSent,
  markAllSent,
  recordAnswers,
  noteEvidence,
  doubtReback,
  resolveInDoubt,
  restoreOrder,
  keepInDoubt,
  appendAudit,
  readAudit,
  recordPayment,
  beginPayment,
  paymentsOf,
  refundsOwed,
  markRefunded,
  closeOrder,
  closeDueOrders,
  closeDueSparing,
  finishOrder,
  deleteOrder,
  listOrders,
  orderSlip,
  slipLines,
  listSlips,
  orderIds,
  findReturning,
  overdue,
  forgetRecipients,
  archiveOldOrders,
  archivableAge,
}

interface Options {
  /** Caps of what a user may hold unpaid. @default any number */
  caps?: UserCaps
  /** Keys of the fingerprints. @default plain ones */
  fingerprints?: Fingerprints
}

/** The orders of a database. Every transition is one conditional statement: of two rivals exactly one wins. Arrays lock in order-number order. */
export function orderStore(db: Database, { caps, fingerprints = PLAIN_FINGERPRINTS }: Options = {}) {
  const { openOrders: open, voidOrders: close, naturalKeys: name, restoreOrder: restore, ...others } = bound(db, FUNCTIONS)
  return {
    ...others,
    openOrders: (intents: readonly OpenIntent[]) => open(intents, caps, fingerprints),
    voidOrders: (intents: readonly VoidIntent[]) => close(intents, fingerprints),
    restoreOrder: (intent: OpenIntent, lines: readonly Line[]) => restore(intent, lines, fingerprints),
    naturalKeys: (asked: readonly AskedKey[]) => name(asked, fingerprints),
    /**
     * Reports whether an order is of the request that has this fingerprint.
     * @throws MissingFingerprintKey
     */
    isOf: (order: Pick<StoredOrder, 'fingerprint'>, fingerprint: string) => fingerprints.isOf(order.fingerprint, fingerprint),
  }
}

export type OrderStore = ReturnType<typeof orderStore>
