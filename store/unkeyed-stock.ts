import { sql } from 'kysely'
import type { OrderStatus, StockState } from '../contracts/order.ts'
import { appendAudit } from './audit.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'

/** The effects that move stock. */
export type StockEffect = 'Sell' | 'Reback'

/**
 * Decision whether an effect may be sent.
 * - `send`: yes, and the row says now that it was; nobody else is answered so until its own answer is recorded
 * - `done`: no need, it was applied and its answer recorded
 * - `unanswered`: it was sent before, and what came of that is not known
 * - `closed`: the order does not ask for it (any more), or not without a key
 *
 * `mark` names the one call that the row says was sent: this one, or the unanswered one that was met.
 */
export type SendPermit = { kind: 'send' | 'unanswered'; mark: string } | { kind: 'done' | 'closed' }

/** The moment at which a call was sent, to the microsecond: it names the call, since no two of one order leave in one statement. */
const MARK = sql<string | null>`sent_at::text`.as('mark')

/** Status and stock state of an order while its effect is not sent, sent, and applied. */
const STEPS = {
  Sell: { status: 'CREATING', before: 'none', sent: 'selling', applied: 'sold' },
  Reback: { status: 'TRADE_CLOSED', before: 'returning', sent: 'returning', applied: 'returned' },
} as const satisfies Record<StockEffect, { status: OrderStatus } & Record<'before' | 'sent' | 'applied', StockState>>

/**
 * The mark before the effect: an inventory without keys takes whatever arrives, so an effect leaves only when the row says
 * durably that it did. Whoever comes later, after a crash too, finds the mark, and does not send again.
 */
export async function markSent(db: Database, orderSn: string, effect: StockEffect): Promise<SendPermit> {
  const { status, before, sent, applied } = STEPS[effect]
  const marked = await db
    .updateTable('orders')
    .set({ stock_state: sent, sent_at: sql`now()`, updated_at: sql`now()` })
    .where('order_sn', '=', orderSn)
    .where('status', '=', status)
    .where('stock_state', '=', before)
    .where('sent_at', 'is', null)
    .where('keyed', '=', false)
    .returning(MARK)
    .executeTakeFirst()
  if (marked?.mark) return { kind: 'send', mark: marked.mark }
  const row = await db.selectFrom('orders').select(['stock_state', MARK]).where('order_sn', '=', orderSn).executeTakeFirst()
  if (row?.stock_state === applied) return { kind: 'done' }
  return row?.mark ? { kind: 'unanswered', mark: row.mark } : { kind: 'closed' }
}

/**
 * Takes the mark away again, as the answer proves whether the effect was applied.
 * @param mark of the call that was answered: one that came after it keeps its own, or it would be sent once more @default any
 * @returns false if somebody had given up waiting, and put the order in doubt: the answer is in its audit trail then
 */
export async function recordAnswer(
  db: Database,
  orderSn: string,
  effect: StockEffect,
  wasApplied: boolean,
  mark?: string,
): Promise<boolean> {
  const { before, sent, applied } = STEPS[effect]
  const recorded = await db
    .updateTable('orders')
    .set({ stock_state: wasApplied ? applied : before, sent_at: null, updated_at: sql`now()` })
    .where('order_sn', '=', orderSn)
    .where('stock_state', '=', sent)
    .where(ofCall(mark))
    .executeTakeFirst()
  if (recorded.numUpdatedRows > 0n) return true
  await noteEvidence(db, orderSn, effect, `${effect} was answered late: it was ${wasApplied ? '' : 'not '}applied`)
  return false
}

/** Records in the audit trail what is known of an effect whose outcome is unknown: an operator will look for it. */
export async function noteEvidence(db: Database, orderSn: string, effect: StockEffect, why: string): Promise<void> {
  const row = await db.selectFrom('orders').select(['status', 'stock_state']).where('order_sn', '=', orderSn).executeTakeFirst()
  const state = row ? { status: row.status, stockState: row.stock_state } : {}
  await appendAudit(db, [{ orderSn, verb: 'doubt', by: effect.toLowerCase(), why, before: state, after: state }])
}

/**
 * Puts a closed order in doubt whose Reback was sent and not answered; of one whose Sell was, voidOrders does.
 * @param mark of that call: one that came after it is not doubted for it @default any
 * @param underWayMs time for which whoever sent it may still wait for its answer: it is left alone as long @default 0
 */
export async function doubtReback(db: Database, orderSn: string, mark?: string, underWayMs = 0): Promise<void> {
  await afterRaces(() =>
    db.transaction().execute(async (trx) => {
      const doubted = await trx
        .updateTable('orders')
        .set({ stock_state: 'in_doubt', updated_at: sql`now()` })
        .where('order_sn', '=', orderSn)
        .where('stock_state', '=', 'returning')
        .where(ofCall(mark))
        .where(sql<boolean>`(${underWayMs}::float8 = 0 or sent_at < now() - make_interval(secs => ${underWayMs / 1_000}))`)
        .executeTakeFirst()
      if (doubted.numUpdatedRows === 0n) return
      const status = 'TRADE_CLOSED'
      await appendAudit(trx, [
        {
          orderSn,
          verb: 'doubt',
          by: 'reback',
          why: 'Reback was sent, and whether it was applied is not known',
          before: { status, stockState: 'returning' },
          after: { status, stockState: 'in_doubt' },
        },
      ])
    }),
  )
}

function ofCall(mark: string | undefined) {
  return mark === undefined ? sql<boolean>`sent_at is not null` : sql<boolean>`sent_at = ${mark}::timestamptz`
}
