import { sql } from 'kysely'
import { ORDER_BUDGET_MS } from '../contracts/time-budget.ts'
import type { Database } from './database.ts'

/** The orders that are being compensated at this moment. */
export interface InCompensation {
  orders: number
  /** Age of the oldest order in compensation, in seconds; 0 if there is none. */
  oldestSeconds: number
}

/**
 * Closed orders that owe a Reback, and those still CREATING although the time to create them is over: whatever became of
 * their runs. Answered from the index of unsettled orders, which is as small as they are few.
 */
export async function inCompensation(db: Database): Promise<InCompensation> {
  const { rows } = await sql<{ orders: number; oldest: number }>`
    select count(*)::integer as orders, coalesce(extract(epoch from now() - min(updated_at)), 0)::float8 as oldest
    from orders
    where (status = 'CREATING' or owed <> '{}')
      and (owed <> '{}' or updated_at < now() - make_interval(secs => ${ORDER_BUDGET_MS / 1000}))`.execute(db)
  const { orders, oldest } = rows[0] ?? { orders: 0, oldest: 0 }
  return { orders, oldestSeconds: oldest }
}
