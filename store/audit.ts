import type { OrderStatus, StockState } from '../contracts/order.ts'
import type { Database } from './database.ts'

/**
 * Kinds of entries in an audit trail. `pay`, `close`, `finish` and `delete` are moves of the order's life, whoever asked for them; `doubt` is how it
 * came to need an operator; the others are what operators did.
 */
export const AUDIT_VERBS = [
  'pay',
  'close',
  'finish',
  'delete',
  'doubt',
  'retry',
  'cancel',
  'resolve',
  'reconcile',
  'refund',
  'send',
  'drop',
] as const
export type AuditVerb = (typeof AUDIT_VERBS)[number]

/**
 * State of an order; without status and stock state if the store has no such order. It holds no personal data of the customer.
 */
export interface AuditedState {
  status?: OrderStatus
  stockState?: StockState
}

/** One thing that an operator did to an order. */
export interface AuditEntry {
  orderSn: string
  verb: AuditVerb
  /** Name of the person who did it. */
  by: string
  why: string
  before: AuditedState
  after: AuditedState
}

/**
 * Appends to the orders' audit trails, which nothing of ours ever changes; `before` and `after` may be whole orders. In the transaction of what they report, if that
 * is one of the database: hand over that transaction as `db`.
 */
export async function appendAudit(db: Database, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  await db
    .insertInto('order_audit')
    .values(
      entries.map(({ orderSn, before, after, ...entry }) => ({
        ...entry,
        order_sn: orderSn,
        before: stateOf(before),
        after: stateOf(after),
      })),
    )
    .execute()
}

/** The state as JSON; of a whole order that is handed over nothing else is kept. */
function stateOf({ status, stockState }: AuditedState): string {
  return JSON.stringify({ status, stockState })
}

/** An entry as the trail has it. */
export interface RecordedEntry extends AuditEntry {
  /** ISO 8601, UTC. */
  at: string
  /** Account of PostgreSQL that wrote it; absent of entries from before that was kept. */
  role?: string
}

/** Reads the audit trail of one order, the oldest entry first. */
export async function readAudit(db: Database, orderSn: string): Promise<RecordedEntry[]> {
  const rows = await db
    .selectFrom('order_audit')
    .select(['order_sn as orderSn', 'at', 'verb', 'by', 'why', 'before', 'after', 'role'])
    .where('order_sn', '=', orderSn)
    .orderBy('id')
    .execute()
  return rows.map(({ at, role, ...row }) => ({ ...row, at: at.toISOString(), ...(role !== null && { role }) }))
}
