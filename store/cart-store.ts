import { sql } from 'kysely'
import { MAX_LINES } from '../contracts/limits.ts'
import type { Database } from './database.ts'

export interface CartItem {
  goodsId: number
  num: number
  /** Only checked items are ordered. */
  checked: boolean
}

/** The carts. An order takes what it ordered out of its user's cart when it is confirmed (order-store.ts). */
export class CartStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** In goods-id order. */
  async list(userId: number): Promise<CartItem[]> {
    return await this.#items(userId).orderBy('goods_id').execute()
  }

  async get(userId: number, goodsId: number): Promise<CartItem | undefined> {
    return await this.#items(userId).where('goods_id', '=', goodsId).executeTakeFirst()
  }

  /** @returns `full` where the item is new and the cart holds the goods of a whole order already; nothing changed then */
  async put(userId: number, { goodsId, num, checked }: CartItem): Promise<'stored' | 'full'> {
    const { rows } = await sql`
      insert into cart_items (user_id, goods_id, num, checked)
      select ${userId}, ${goodsId}, ${num}, ${checked}
      where exists (select 1 from cart_items where user_id = ${userId} and goods_id = ${goodsId})
         or (select count(*) from cart_items where user_id = ${userId}) < ${MAX_LINES}
      on conflict (user_id, goods_id) do update set num = excluded.num, checked = excluded.checked
      returning 1`.execute(this.#db)
    return rows.length > 0 ? 'stored' : 'full'
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
