import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { importsInTurn } from './imports-in-turn.ts'
import type { ImportedAs } from './put-orders.ts'

/** A row of a cart of the source. */
export interface ImportedCartItem {
  id: number
  goodsId: number
  num: number
  checked: boolean
  name: string
  image: string
  /** Minor units, of one piece; `null` if there is none. */
  price: number | null
  /** Local time of the source, `null` if it is not known. */
  at: string | null
}

/** The whole cart of a user of the source; without items if the source has none of them any more. */
export interface ImportedCart {
  userId: number
  items: ImportedCartItem[]
}

/** Outcome for a cart: written, as it was imported before, or left alone because it was changed here or had not come from the source. */
export type PutCartOutcome = 'new' | 'same' | 'moved-here'

/** Result of a batch of carts: outcomes by user, and ids that rows of other carts had. */
export interface PutCarts {
  outcomes: Map<number, PutCartOutcome>
  takenIds: number[]
}

/** Text by which a cart as it is here is compared with what was imported. */
const CART = sql`coalesce(string_agg(c.goods_id || ':' || c.num || ':' || c.checked, ',' order by c.goods_id), '')`

/**
 * Writes carts as the source has them, unless the user has changed the cart here since it was imported, or has one that was not; all of them or
 * none. Repeated, it changes nothing.
 * @param dryRun reports what would be done, and does nothing
 */
export async function putCarts(
  db: Database,
  carts: readonly ImportedCart[],
  { timezone, currency }: ImportedAs,
  dryRun = false,
): Promise<PutCarts> {
  return await db.transaction().execute(async (trx) => {
    if (!dryRun) await importsInTurn(trx)
    const userIds = carts.map(({ userId }) => userId)
    await sql`select 1 from cart_items where user_id = any(${userIds}::integer[]) order by user_id, goods_id for update`.execute(
      trx,
    )
    const { rows } = await sql<{ userId: number; current: string; imported: string | null }>`
      select u.user_id as "userId", (select ${CART} from cart_items c where c.user_id = u.user_id) as current,
        (select i.cart from imported_carts i where i.user_id = u.user_id) as imported
      from unnest(${userIds}::integer[]) as u (user_id)`.execute(trx)
    const here = new Map(rows.map((row) => [row.userId, row]))
    const outcomes = new Map(carts.map((cart) => [cart.userId, outcomeOf(cart, here.get(cart.userId))]))
    const written = carts.filter(({ userId }) => outcomes.get(userId) === 'new')
    const items = written.flatMap(({ userId, items }) => items.map((item) => ({ ...item, userId })))
    const writtenIds = written.map(({ userId }) => userId)
    const taken = await sql<{ id: number }>`
      select id from cart_items where id = any(${items.map(({ id }) => id)}::integer[]) and user_id <> all(${writtenIds}::integer[])`.execute(
      trx,
    )
    const takenIds = taken.rows.map(({ id }) => id)
    if (dryRun || written.length === 0) return { outcomes, takenIds }

    await sql`delete from cart_items where user_id = any(${writtenIds}::integer[])`.execute(trx)
    await sql`
      insert into cart_items (id, user_id, goods_id, num, checked, name, image, price, currency, at)
      select case when r.id = any(${takenIds}::integer[]) then nextval('cart_items_id_seq') else r.id end, r."userId", r."goodsId", r.num,
        r.checked, r.name, r.image, r.price, case when r.price is not null then ${currency}::text end, r.at at time zone ${timezone}::text
      from json_to_recordset(${JSON.stringify(items)}::json) as r (
        id integer, "userId" integer, "goodsId" integer, num integer, checked boolean, name text, image text, price bigint, at timestamp)
      order by r."userId", r."goodsId"`.execute(trx)
    await sql`
      insert into imported_carts (user_id, cart)
      select u.user_id, (select ${CART} from cart_items c where c.user_id = u.user_id) from unnest(${writtenIds}::integer[]) as u (user_id)
      on conflict (user_id) do update set cart = excluded.cart`.execute(trx)
    return { outcomes, takenIds }
  })
}

function outcomeOf({ items }: ImportedCart, here?: { current: string; imported: string | null }): PutCartOutcome {
  const current = here?.current ?? ''
  const imported = here?.imported ?? ''
  if (current !== imported) return 'moved-here'
  const wanted = items
    .toSorted((a, b) => a.goodsId - b.goodsId)
    .map(({ goodsId, num, checked }) => `${goodsId}:${num}:${checked}`)
  return wanted.join() === imported ? 'same' : 'new'
}

/** A page of the users behind this one whose carts were imported, in order; empty at the end. */
export async function importedUsersAfter(db: Database, userId: number): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    select user_id from imported_carts where user_id > ${userId} order by user_id limit 1000`.execute(db)
  return rows.map(({ user_id }) => user_id)
}
