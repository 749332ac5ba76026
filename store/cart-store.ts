import { type Selectable, sql } from 'kysely'
import type { CartItem, CartItemChange } from '../contracts/cart-item.ts'
import { MAX_LINES, MAX_QUANTITY } from '../contracts/limits.ts'
import type { Money } from '../contracts/money.ts'
import type { Line } from '../contracts/order.ts'
import { bound } from './bound.ts'
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

/** Outcome of putting goods into a cart; nothing changed unless they are in it. */
export type PutOutcome =
  | { kind: 'inCart'; item: StoredCartItem }
  /** The item is new, and the cart holds as many goods as an order may have. */
  | { kind: 'full' }
  /** The sum of pieces would be more than an order may have of one goods; `there` are in the cart. */
  | { kind: 'tooMany'; there: number }

/** Outcome of adding goods to a cart under a key, which adds them once. */
export type AddOutcome =
  | PutOutcome
  /** They were added before, and are in the cart no more. */
  | { kind: 'gone' }
  /** Something else was added under this key. */
  | { kind: 'keyReused' }

/** All that the store does with carts; a new function of it is one entry here. */
const FUNCTIONS = { list, get, find, put, add, addOnce, addedBefore, change, remove }

/**
 * The carts of a database. An order takes what it ordered out of its user's cart when it is confirmed (confirm-orders.ts). Every edit raises
 * the cart's revision: PostgreSQL sees to it (migrations/0012-cart-revision.ts), but for what is removed, and for a statement that sets `num` alone.
 */
export function cartStore(db: Database) {
  return bound(db, FUNCTIONS)
}

export type CartStore = ReturnType<typeof cartStore>

/** Returns the items of a cart, in goods-id order. */
async function list(db: Database, userId: number): Promise<StoredCartItem[]> {
  const rows = await db.selectFrom('cart_items').selectAll().where('user_id', '=', userId).orderBy('goods_id').execute()
  return rows.map(itemOf)
}

/** Returns one item, if these goods are in the cart. */
async function get(db: Database, userId: number, goodsId: number): Promise<StoredCartItem | undefined> {
  const found = db.selectFrom('cart_items').selectAll().where('user_id', '=', userId).where('goods_id', '=', goodsId)
  const row = await found.executeTakeFirst()
  return row && itemOf(row)
}

/** Returns the user and the goods of the row that has this integer, if there is one. */
async function find(db: Database, id: number): Promise<{ userId: number; goodsId: number } | undefined> {
  const row = await db.selectFrom('cart_items').select(['user_id', 'goods_id']).where('id', '=', id).executeTakeFirst()
  return row && { userId: row.user_id, goodsId: row.goods_id }
}

/** Puts goods into a cart, or replaces those that are there. @param goods absent if nothing is known of them */
async function put(
  db: Database,
  userId: number,
  { checked, ...line }: Line & { checked: boolean },
  goods?: CartSnapshot,
): Promise<PutOutcome> {
  return await alone(db, (trx) => putAlone(trx, userId, { ...line, checked, adds: false, keepsChecked: false }, goods))
}

/**
 * Adds pieces to those that are in the cart, and checks them.
 * @param goods absent if nothing is known of them
 * @param options.keepsChecked true to check new items alone @default false
 */
async function add(
  db: Database,
  userId: number,
  line: Line,
  goods?: CartSnapshot,
  { keepsChecked = false }: { keepsChecked?: boolean } = {},
): Promise<PutOutcome> {
  return await alone(db, (trx) => putAlone(trx, userId, { ...line, checked: true, adds: true, keepsChecked }, goods))
}

/** Adds pieces under a key: what was added under it before is not added again. */
async function addOnce(db: Database, userId: number, key: string, line: Line, goods?: CartSnapshot): Promise<AddOutcome> {
  return await alone(db, async (trx) => {
    await lockCart(trx, userId)
    const before = await addedBefore(trx, userId, key, line)
    if (before) return before
    const outcome = await putAlone(trx, userId, { ...line, checked: true, adds: true, keepsChecked: false }, goods)
    if (outcome.kind === 'inCart') await rememberAddition(trx, userId, key, line)
    return outcome
  })
}

/** Returns what a repeat of an addition finds; `undefined` if nothing was added under this key. */
async function addedBefore(db: Database, userId: number, key: string, line: Line): Promise<AddOutcome | undefined> {
  const before = await additionOf(db, userId, key)
  if (!before) return undefined
  if (before.goodsId !== line.goodsId || before.num !== line.num) return { kind: 'keyReused' }
  const item = await get(db, userId, line.goodsId)
  return item ? { kind: 'inCart', item } : { kind: 'gone' }
}

/** Sets what the change names. @returns `undefined` if the goods are not in the cart */
async function change(
  db: Database,
  userId: number,
  goodsId: number,
  { num, checked }: CartItemChange,
): Promise<StoredCartItem | undefined> {
  const { rows } = await sql<Row>`
    update cart_items set num = coalesce(${num ?? null}::integer, num), checked = coalesce(${checked ?? null}::boolean, checked)
    where user_id = ${userId} and goods_id = ${goodsId} returning *`.execute(db)
  return rows[0] && itemOf(rows[0])
}

/** Removes goods from a cart. @returns whether they were there */
async function remove(db: Database, userId: number, goodsId: number): Promise<boolean> {
  const { rows } = await sql`
    with removed as (delete from cart_items where user_id = ${userId} and goods_id = ${goodsId} returning user_id)
    select raise_cart_revision(user_id) from removed`.execute(db)
  return rows.length > 0
}

async function alone<T>(db: Database, run: (trx: Database) => Promise<T>): Promise<T> {
  if (db.isTransaction) return await run(db)
  return await db.transaction().setIsolationLevel('read committed').execute(run)
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
  if (row) return { kind: 'inCart', item: itemOf(row) }
  const there = await get(trx, userId, goodsId)
  return there ? { kind: 'tooMany', there: there.num } : { kind: 'full' }
}

/** Has the user's other edits wait until the transaction ends. */
async function lockCart(trx: Database, userId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CARTS}::integer, ${userId}::integer)`.execute(trx)
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
