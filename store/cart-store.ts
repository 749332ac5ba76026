import { type Selectable, sql } from 'kysely'
import type { CartItem, CartItemChange } from '../contracts/cart-item.ts'
import { MAX_LINES, MAX_QUANTITY } from '../contracts/limits.ts'
import type { Money } from '../contracts/money.ts'
import type { Line } from '../contracts/order.ts'
import { additionOf, rememberAddition } from './cart-additions.ts'
import type { Database } from './database.ts'
import type { CartItemsTable } from './schema.ts'

/** The goods as they were when they were put into a cart. */
export interface CartSnapshot {
  name: string
  image: string
  price?: Money
}

/** An item with the integer that names its row; 0 until `migrate` has come to a row of before. */
export type StoredCartItem = CartItem & { id: number }

/** Outcome of putting goods into a cart; nothing changed if it is not the item. */
export type PutOutcome =
  | StoredCartItem
  /** The item is new, and the cart holds as many goods as an order may have. */
  | 'full'
  /** The sum of pieces would be more than an order may have of one goods; how many there are. */
  | { tooMany: number }

/** Outcome of adding goods to a cart under a key, which adds them once. */
export type AddOutcome =
  | PutOutcome
  /** They were added before, and are in the cart no more. */
  | 'gone'
  /** Something else was added under this key. */
  | 'key reused'

/**
 * The carts. An order takes what it ordered out of its user's cart when it is confirmed (confirm-orders.ts). Every edit raises the cart's
 * revision: PostgreSQL sees to it (migrations/0012-cart-revision.ts), but for what is removed, and for a statement that sets `num` alone.
 */
export class CartStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Items in goods-id order. */
  async list(userId: number): Promise<StoredCartItem[]> {
    const rows = await this.#db.selectFrom('cart_items').selectAll().where('user_id', '=', userId).orderBy('goods_id').execute()
    return rows.map(itemOf)
  }

  async get(userId: number, goodsId: number): Promise<StoredCartItem | undefined> {
    return await itemIn(this.#db, userId, goodsId)
  }

  /** @returns the user and the goods of the row that has this integer, if there is one */
  async find(id: number): Promise<{ userId: number; goodsId: number } | undefined> {
    const row = await this.#db.selectFrom('cart_items').select(['user_id', 'goods_id']).where('id', '=', id).executeTakeFirst()
    return row && { userId: row.user_id, goodsId: row.goods_id }
  }

  /** Puts goods into a cart, or replaces those that are there. @param goods absent if nothing is known of them */
  async put(userId: number, { checked, ...line }: Line & { checked: boolean }, goods?: CartSnapshot): Promise<PutOutcome> {
    return await this.#alone((trx) => putAlone(trx, userId, { ...line, checked, adds: false, keepsChecked: false }, goods))
  }

  /**
   * Adds pieces to those that are in the cart, and checks them.
   * @param goods absent if nothing is known of them
   * @param options.keepsChecked true to check new items alone @default false
   */
  async add(userId: number, line: Line, goods?: CartSnapshot, { keepsChecked = false } = {}): Promise<PutOutcome> {
    return await this.#alone((trx) => putAlone(trx, userId, { ...line, checked: true, adds: true, keepsChecked }, goods))
  }

  /** The same under a key: what was added under it before is not added again. */
  async addOnce(userId: number, key: string, line: Line, goods?: CartSnapshot): Promise<AddOutcome> {
    return await this.#alone(async (trx) => {
      await lockCart(trx, userId)
      const before = await added(trx, userId, key, line)
      if (before) return before
      const outcome = await putAlone(trx, userId, { ...line, checked: true, adds: true, keepsChecked: false }, goods)
      if (typeof outcome === 'object' && 'goodsId' in outcome) await rememberAddition(trx, userId, key, line)
      return outcome
    })
  }

  /** Returns what a repeat of an addition finds; `undefined` if nothing was added under this key. */
  async addedBefore(userId: number, key: string, line: Line): Promise<Exclude<AddOutcome, 'full'> | undefined> {
    return await added(this.#db, userId, key, line)
  }

  /** Sets what the change names. @returns `undefined` if the goods are not in the cart */
  async change(userId: number, goodsId: number, { num, checked }: CartItemChange): Promise<StoredCartItem | undefined> {
    const { rows } = await sql<Row>`
      update cart_items set num = coalesce(${num ?? null}::integer, num), checked = coalesce(${checked ?? null}::boolean, checked)
      where user_id = ${userId} and goods_id = ${goodsId} returning *`.execute(this.#db)
    return rows[0] && itemOf(rows[0])
  }

  /** @returns whether there was one */
  async remove(userId: number, goodsId: number): Promise<boolean> {
    const { rows } = await sql`
      with removed as (delete from cart_items where user_id = ${userId} and goods_id = ${goodsId} returning user_id)
      select raise_cart_revision(user_id) from removed`.execute(this.#db)
    return rows.length > 0
  }

  async #alone<T>(run: (trx: Database) => Promise<T>): Promise<T> {
    if (this.#db.isTransaction) return await run(this.#db)
    return await this.#db.transaction().setIsolationLevel('read committed').execute(run)
  }
}

type Row = Selectable<CartItemsTable>

/** The first half of the advisory locks that are a cart's; the second is its user. */
const CARTS = 1_667_330_676

/**
 * One after the other for each user: a statement counts what was there when it began, so two at once would each take the last place.
 * Hence two statements, the second of which begins when the lock is had. Pieces are added by that statement, so that none are lost to
 * an order that takes some of them meanwhile.
 */
async function putAlone(
  trx: Database,
  userId: number,
  { goodsId, num, checked, adds, keepsChecked }: Line & { checked: boolean; adds: boolean; keepsChecked: boolean },
  goods: CartSnapshot | undefined,
): Promise<PutOutcome> {
  const { name = null, image = null, price } = goods ?? {}
  await lockCart(trx, userId)
  const { rows } = await sql<Row>`
    insert into cart_items as c (user_id, goods_id, num, checked, name, image, price, currency, at)
    select ${userId}, ${goodsId}, ${num}::integer, ${checked}, ${name}, ${image}, ${price?.amount ?? null}::bigint, ${price?.currency ?? null},
      case when ${goods !== undefined}::boolean then now() end
    where exists (select 1 from cart_items where user_id = ${userId} and goods_id = ${goodsId})
       or (select count(*) from cart_items where user_id = ${userId}) < ${MAX_LINES}
    on conflict (user_id, goods_id) do update set
      num = case when ${adds}::boolean then c.num else 0 end + excluded.num, name = excluded.name,
      checked = case when ${keepsChecked}::boolean then c.checked else excluded.checked end,
      image = excluded.image, price = excluded.price, currency = excluded.currency, at = excluded.at
    where case when ${adds}::boolean then c.num else 0 end + excluded.num <= ${MAX_QUANTITY}
    returning *`.execute(trx)
  const [row] = rows
  if (row) return itemOf(row)
  const there = await itemIn(trx, userId, goodsId)
  return there ? { tooMany: there.num } : 'full'
}

/** Has the user's other edits wait until the transaction ends. */
async function lockCart(trx: Database, userId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CARTS}::integer, ${userId}::integer)`.execute(trx)
}

async function added(db: Database, userId: number, key: string, { goodsId, num }: Line) {
  const before = await additionOf(db, userId, key)
  if (!before) return undefined
  if (before.goodsId !== goodsId || before.num !== num) return 'key reused'
  return (await itemIn(db, userId, goodsId)) ?? 'gone'
}

async function itemIn(db: Database, userId: number, goodsId: number): Promise<StoredCartItem | undefined> {
  const found = db.selectFrom('cart_items').selectAll().where('user_id', '=', userId).where('goods_id', '=', goodsId)
  const row = await found.executeTakeFirst()
  return row && itemOf(row)
}

function itemOf({ id, goods_id, num, checked, name, image, price, currency, at }: Row): StoredCartItem {
  return {
    id: id ?? 0,
    goodsId: goods_id,
    num,
    checked,
    ...(name !== null && { name }),
    ...(image !== null && { image }),
    ...(price !== null && currency !== null && { price: { amount: price, currency } }),
    ...(at !== null && { addedAt: at.toISOString() }),
  }
}
