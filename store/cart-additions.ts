import { sql } from 'kysely'
import type { Line } from '../contracts/order.ts'
import { CART_KEY_KEPT_MS } from '../contracts/time-budget.ts'
import type { Database } from './database.ts'

/** Old keys that one addition removes, of whatever user: more than one addition leaves. */
const REMOVED_AT_ONCE = 10

/** Returns what was added to a user's cart under a key; `undefined` if nothing was, or if it is too long ago. */
export async function additionOf(db: Database, userId: number, key: string): Promise<Line | undefined> {
  const { rows } = await sql<Line>`
    select goods_id as "goodsId", num from cart_additions
    where user_id = ${userId} and key = ${key} and at > now() - ${kept}`.execute(db)
  return rows[0]
}

/** Remembers what was added under a key, in the transaction that adds it. Keys that are too old to count go meanwhile. */
export async function rememberAddition(trx: Database, userId: number, key: string, { goodsId, num }: Line): Promise<void> {
  await sql`
    with old as (
      select user_id, key from cart_additions where at <= now() - ${kept} order by at limit ${REMOVED_AT_ONCE} for update skip locked
    ), removed as (
      delete from cart_additions a using old where a.user_id = old.user_id and a.key = old.key
        and (a.user_id, a.key) <> (${userId}::integer, ${key}::text)
    )
    insert into cart_additions (user_id, key, goods_id, num) values (${userId}, ${key}, ${goodsId}, ${num})
    on conflict (user_id, key) do update set goods_id = excluded.goods_id, num = excluded.num, at = now()`.execute(trx)
}

const kept = sql`make_interval(secs => ${CART_KEY_KEPT_MS / 1_000}::float8)`
