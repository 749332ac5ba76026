import { sql } from 'kysely'
import { type Fingerprints, PLAIN_FINGERPRINTS } from '../contracts/fingerprints.ts'
import { keyPartOf, naturalKeyOf } from '../contracts/natural-key.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'

/** A request for the cart of a user that names no key. */
export interface AskedKey {
  userId: number
  /** The plain fingerprint of the request: its key holds a part of that under the store's key. */
  fingerprint: string
}

interface KeyRow {
  user_id: number
  part: string
  revision: number
  spent: number
  /** True if an order stands under this key. */
  is_held: boolean
}

/**
 * Makes the key of each request: the first of its cart's revision and its own fingerprint that is not spent. A refusal spends the key that it
 * answered, from the moment at which its order is closed; EmptyCart does not, since nothing but an edit mends it. An order of another request
 * under that key, which a caller has made up, spends it too.
 * @returns one key for each, in their order
 */
export async function naturalKeys(
  db: Database,
  asked: readonly AskedKey[],
  fingerprints: Fingerprints = PLAIN_FINGERPRINTS,
): Promise<string[]> {
  const each = asked.map(({ userId, fingerprint }) => ({ userId, values: fingerprints.valuesOf(fingerprint) }))
  const parts = each.flatMap(({ userId, values }) => values.map((value) => ({ userId, fingerprint: value })))
  const rows = await afterRaces(() => keyRows(db, parts))
  const byRequest = new Map(rows.map((row) => [`${row.user_id} ${row.part}`, row]))
  return each.map(({ userId, values }) => {
    const keys = values.map((fingerprint) => {
      const row = byRequest.get(`${userId} ${keyPartOf(fingerprint)}`)
      if (!row) throw new TypeError('the statement left out a request')
      return { ...row, fingerprint }
    })
    // A click of before the keys were changed is repeated under the key that it had.
    const [first = keys[0]] = keys.filter(({ is_held }) => is_held)
    if (!first) throw new TypeError('a fingerprint has no value')
    return naturalKeyOf(first)
  })
}

async function keyRows(db: Database, asked: readonly AskedKey[]): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    with asked as (
      select distinct * from unnest(
        ${asked.map((a) => a.userId)}::integer[], ${asked.map((a) => keyPartOf(a.fingerprint))}::text[]
      ) as a (user_id, part)
    ),
    -- A row that openOrders can lock: without, an edit at that moment would go unseen.
    made as (
      insert into cart_revisions (user_id, revision)
      select distinct a.user_id, 0 from asked a
      where not exists (select 1 from cart_revisions v where v.user_id = a.user_id)
      order by a.user_id
      on conflict do nothing
    ),
    counted as (
      select a.user_id, a.part, coalesce(v.revision, 0) as revision, coalesce(s.spent, 0) as spent
      from asked a
      left join cart_revisions v on v.user_id = a.user_id
      left join cart_refusals s on s.user_id = a.user_id and s.fingerprint = a.part and s.revision = v.revision
    ),
    judged as materialized (
      select c.*, named.is_spent is not null as is_named, coalesce(named.is_spent, false) as is_spent
      from counted c
      -- Found by its name alone (offset 0), see confirmOrders.
      left join lateral (
        select o.status = 'TRADE_CLOSED' and o.confirmed_at is null and o.refusal_type is distinct from 'EmptyCart'
          or left(o.fingerprint, length(c.part)) <> c.part as is_spent
        from orders o
        where o.user_id = c.user_id and o.request_id = 'cart-' || c.revision || '-' || c.part || '-' || c.spent
        offset 0) named on true
    ),
    noted as (
      insert into cart_refusals as r (user_id, fingerprint, revision, spent)
      select user_id, part, revision, spent + 1 from judged where is_spent order by user_id, part
      on conflict (user_id, fingerprint) do update set revision = excluded.revision, spent = excluded.spent
      where (r.revision, r.spent) < (excluded.revision, excluded.spent)
    )
    select user_id, part, revision, spent + is_spent::integer as spent, is_named and not is_spent as is_held from judged`.execute(
    db,
  )
  return rows
}
