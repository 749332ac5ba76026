import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from 'kysely'
import { SWEEP_AFTER_MS } from '../../contracts/time-budget.ts'
import type { Database } from '../../store/database.ts'
import type { Schema } from '../../store/schema.ts'

type Which = (builder: ExpressionBuilder<Schema, 'orders'>) => ExpressionWrapper<Schema, 'orders', SqlBool>

/** Makes the unsettled ones of these orders as old as the sweep takes them up: no setting lets it take up younger ones. */
export async function ageOrders(db: Database, which: Which): Promise<void> {
  const aged = sql<Date>`now() - make_interval(secs => ${SWEEP_AFTER_MS / 1_000})`
  await db
    .updateTable('orders')
    .set({ updated_at: aged })
    .where('status', 'in', ['CREATING', 'TRADE_CLOSED'])
    .where('stock_state', 'not in', ['sold', 'returned'])
    .where('updated_at', '>', aged)
    .where(which)
    .execute()
}
