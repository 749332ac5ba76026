import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { callNext, holdingTheBooks } from './deliveries.ts'

/**
 * Takes an event that was tried from those that the webhook is to have, calls the next one of its order, and records who wanted it in the
 * order's audit trail. The feed keeps the event for as long as any other.
 * @returns false if no such event waits to be tried again, or was given up
 */
export async function dropEvent(
  db: Database,
  { orderSn, seq }: { orderSn: string; seq: number },
  { by, why }: { by: string; why: string },
): Promise<boolean> {
  const { rows } = await holdingTheBooks(
    db,
    async (trx) =>
      await sql<{ dropped: boolean }>`
    with dropped as (
      delete from event_retries where aggregateid = ${orderSn} and seq = ${seq} and last_error is not null returning aggregateid, seq
    ),
    called as (${callNext(orderSn, seq)} and exists (select from dropped)),
    recorded as (
      insert into order_audit (order_sn, verb, by, why, before, after)
      select d.aggregateid, 'drop', ${by}::text, 'event ' || d.seq || ': ' || ${why}::text, s.state, s.state
      from dropped d, lateral (
        select coalesce((select jsonb_build_object('status', o.status, 'stockState', o.stock_state)
          from orders o where o.order_sn = d.aggregateid), '{}') as state) s
    )
    select exists (select from dropped) as dropped`.execute(trx),
  )
  return rows[0]?.dropped ?? false
}
