import { sql } from 'kysely'
import type { CartItem } from '../contracts/cart-item.ts'
import { MAX_LINES } from '../contracts/limits.ts'
import type { Database } from './database.ts'

/** The carts. An order takes what it ordered out of its user's cart when it is confirmed (confirm-orders.ts). */
export class CartStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Items in goods-id order. */
  async list(userId: number): Promise<CartItem[]> {
    return await this.#items(userId).orderBy('goods_id').execute()
  }

  async get(userId: number, goodsId: number): Promise<CartItem | undefined> {
    return await this.#items(userId).where('goods_id', '=', goodsId).executeTakeFirst()
  }

  /** @returns `full` if the item is new and the cart holds the goods of a whole order already; nothing changed then */
  async put(userId: number, item: CartItem): Promise<'stored' | 'full'> {
    if (this.#db.isTransaction) return await putAlone(this.#db, userId, item)
    return await this.#db
      .transaction()
      .setIsolationLevel('read committed')
      .execute((trx) => putAlone(trx, userId, item))
  }

  /** @returns whether there was one */
  async remove(userId: number, goodsId: number): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('cart_items')
      .where('user_id', '=', userId)
      .where('goods_id', '=', goodsId)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  #items(userId: number) {
    return this.#db.selectFrom('cart_items').select(['goods_id as goodsId', 'num', 'checked']).where('user_id', '=', userId)
  }
}

/** The first half of the advisory locks that are a cart's; the second is its user. */
const CARTS = 1_667_330_676

/**
 * One after the other for each user: a statement counts what was there when it began, so two at once would each take the last place.
 * Hence two statements, the second of which begins when the lock is had.
 */
async function putAlone(trx: Database, userId: number, { goodsId, num, checked }: CartItem): Promise<'stored' | 'full'> {
  await sql`select pg_advisory_xact_lock(${CARTS}::integer, ${userId}::integer)`.execute(trx)
  const { rows } = await sql`
    insert into cart_items (user_id, goods_id, num, checked)
    select ${userId}, ${goodsId}, ${num}, ${checked}
    where exists (select 1 from cart_items where user_id = ${userId} and goods_id = ${goodsId})
       or (select count(*) from cart_items where user_id = ${userId}) < ${MAX_LINES}
    on conflict (user_id, goods_id) do update set num = excluded.num, checked = excluded.checked
    returning 1`.execute(trx)
  return rows.length > 0 ? 'stored' : 'full'
}
