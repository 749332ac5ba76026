import { sql } from 'kysely'
import type { StockVerdict } from '../contracts/reconciliation.ts'
import { type AuditedState, appendAudit } from './audit.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'

/** An operator's word on an order in doubt. */
export interface Resolution {
  orderSn: string
  verdict: StockVerdict
  /** Name of the person who decides so. */
  by: string
  /** Text on how it was found out. */
  why: string
  /** State of the row that the verdict is about (ProposedVerdict); an order that has changed since is left alone. @default any */
  version?: string
}

/**
 * Settles an order in doubt by what an operator found out: it ends closed, whatever the verdict, since its caller was answered
 * long ago that nobody knew. `sold`: a Reback is owed, and the sweep sends it. `notSold`: nothing is.
 * @returns where the order stood and stands, or `undefined` if it is not in doubt, or has changed since; nothing was changed then
 */
export async function resolveInDoubt(
  db: Database,
  { orderSn, verdict, by, why, version }: Resolution,
): Promise<{ before: AuditedState; after: AuditedState } | undefined> {
  return await afterRaces(() =>
    db.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom('orders')
        .select(['status', 'stock_state'])
        .where('order_sn', '=', orderSn)
        .where('stock_state', '=', 'in_doubt')
        .where(asFound(version))
        .forUpdate()
        .executeTakeFirst()
      if (!row) return undefined
      const notSold = row.status === 'IN_DOUBT' ? 'none' : 'returned'
      const after = { status: 'TRADE_CLOSED', stockState: verdict === 'sold' ? 'returning' : notSold } as const
      await trx
        .updateTable('orders')
        .set({ status: after.status, stock_state: after.stockState, sent_at: null, updated_at: sql`now()` })
        .where('order_sn', '=', orderSn)
        .execute()
      const before = { status: row.status, stockState: row.stock_state }
      await appendAudit(trx, [{ orderSn, verb: 'resolve', by, why: `${verdict}: ${why}`, before, after }])
      return { before, after }
    }),
  )
}

function asFound(version: string | undefined) {
  return version === undefined ? sql<boolean>`true` : sql<boolean>`updated_at = ${version}::timestamptz`
}
