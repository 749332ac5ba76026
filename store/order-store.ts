import { appendAudit, readAudit } from './audit.ts'
import { bound } from './bound.ts'
import { confirmOrders } from './confirm-orders.ts'
import type { Database } from './database.ts'
import { getOrder, getOrders } from './get-orders.ts'
import { inCompensation } from './in-compensation.ts'
import { markReturned } from './mark-returned.ts'
import { openOrders } from './open-orders.ts'
import { proveWritable } from './prove-writable.ts'
import { recordedOrders } from './recorded-orders.ts'
import { resolveInDoubt } from './resolve-in-doubt.ts'
import { stockClaims } from './stock-claims.ts'
import { troubledOrders } from './troubled-orders.ts'
import { doubtReback, markSent, noteEvidence, recordAnswer } from './unkeyed-stock.ts'
import { countUnsettled, findUnsettled } from './unsettled.ts'
import { voidOrders } from './void-orders.ts'

/** All that the store does with orders; a new function of it is one entry here. */
const FUNCTIONS = {
  proveWritable,
  recordedOrders,
  getOrder,
  getOrders,
  openOrders,
  confirmOrders,
  voidOrders,
  stockClaims,
  markReturned,
  countUnsettled,
  findUnsettled,
  inCompensation,
  troubledOrders,
  markSent,
  recordAnswer,
  noteEvidence,
  doubtReback,
  resolveInDoubt,
  appendAudit,
  readAudit,
}

/** The orders of a database. Every transition is one conditional statement: of two rivals exactly one wins. Arrays lock in order-number order. */
export function orderStore(db: Database) {
  return bound(db, FUNCTIONS)
}

export type OrderStore = ReturnType<typeof orderStore>
