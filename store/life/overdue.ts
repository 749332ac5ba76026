import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** Orders that are to be closed at this moment, or were and still hold what is to be given back. */
export interface Overdue {
  /** Time since the end of the grace of the longest overdue order, in seconds; 0 if none is due. */
  oldestSeconds: number
  /** Payments that are to be given back. */
  refundsOwed: number
}

/** Answers from small indexes: the unpaid orders, the refunds owed. */
export async function overdue(db: Database, graceMs: number): Promise<Overdue> {
  const { rows } = await sql<Overdue>`
    select
      coalesce(greatest(extract(epoch from now() - make_interval(secs => ${graceMs / 1_000}) - (
        select pay_deadline from orders where status in ('PAYING', 'WAIT_BUYER_PAY') order by pay_deadline limit 1)), 0), 0)::float8 as "oldestSeconds",
      (select count(*) from payments where refund = 'owed')::integer as "refundsOwed"`.execute(db)
  return rows[0] ?? { oldestSeconds: 0, refundsOwed: 0 }
}
