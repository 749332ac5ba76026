import { type RawBuilder, sql } from 'kysely'
import type { Money } from '../contracts/money.ts'
import { isOrderSn, type OrderLine, type OrderStatus } from '../contracts/order.ts'
import type { Database } from './database.ts'
import { findImported } from './imported/find-imported.ts'

/** An order for those who have to know where it goes: with the personal data, which no log and no metric may show. */
export interface OrderSlip {
  /** 0 until `migrate` has come to a row of before. */
  id: number
  orderSn: string
  /** Number by which its buyer knows it: that of the service which this one replaces, if it was imported from there. */
  knownAs: string
  /** Way of payment, as it was named there; absent of an order that was placed here. */
  payType?: string
  userId: number
  status: OrderStatus
  /** Absent of an order that was never confirmed. */
  total?: Money
  address: string
  name: string
  mobile: string
  post: string
  /** True if its owner hid it. */
  isDeleted: boolean
  /** The recipient, sealed; then address, name, mobile and post are empty. */
  sealed?: string
}

/** A line as it was sold, with the integer that names it. */
export type SlipLine = OrderLine & { id: number }

/** Name of an order: its integer, or its number, here or in the service that this one replaces. */
export type OrderName = { kind: 'id'; id: number } | { kind: 'number'; orderSn: string }

interface SlipRow {
  id: number | null
  order_sn: string
  imported_sn: string | null
  pay_type: string | null
  user_id: number
  status: OrderStatus
  total: number | null
  currency: string | null
  address: string | null
  name: string | null
  mobile: string | null
  post: string | null
  sealed: string | null
  deleted_at: Date | null
}

const COLUMNS = sql.raw(
  'id, order_sn, imported_sn, pay_type, user_id, status, total, currency, address, name, mobile, post, sealed, deleted_at',
)

/** @returns the order, one that is deleted included; `undefined` if there is none */
export async function orderSlip(db: Database, name: OrderName): Promise<OrderSlip | undefined> {
  const which = name.kind === 'id' ? sql`id = ${name.id}` : sql`order_sn = ${await numberHere(db, name.orderSn)}`
  const { rows } = await sql<SlipRow>`select ${COLUMNS} from orders where ${which}`.execute(db)
  return rows[0] && slipOf(rows[0])
}

/** The number here of an order that may be named by its number in the service which this one replaces. */
async function numberHere(db: Database, number: string): Promise<string> {
  return isOrderSn(number) ? number : ((await findImported(db, number)) ?? number)
}

/** @returns the lines of a confirmed order, in the order of their integers */
export async function slipLines(db: Database, { orderSn, total }: Pick<OrderSlip, 'orderSn' | 'total'>): Promise<SlipLine[]> {
  const lines = db.selectFrom('order_lines').selectAll().where('order_sn', '=', orderSn)
  const rows = await lines.orderBy('id').orderBy('goods_id').execute()
  return rows.map(({ id, goods_id, name, image, price, num }) => ({
    ...{ id: id ?? 0, goodsId: goods_id, name, image, num },
    price: { amount: price, currency: total?.currency ?? '' },
  }))
}

/**
 * Lists confirmed orders, the newest first; requests that were refused and orders that were deleted are left out.
 * @param userId @default the orders of all users
 * @param status any text; orders of every status without it
 * @param page from 0
 * @returns one page, and the number of orders on all of them
 */
export async function listSlips(
  db: Database,
  { userId, status, page, pageSize }: { userId?: number; status?: string; page: number; pageSize: number },
): Promise<{ total: number; slips: OrderSlip[] }> {
  const conditions: RawBuilder<unknown>[] = [sql`deleted_at is null and confirmed_at is not null`]
  if (userId !== undefined) conditions.push(sql`user_id = ${userId}`)
  if (status !== undefined) conditions.push(sql`status = ${status}`)
  const where = sql.join(conditions, sql` and `)
  const counted = await sql<{ total: number }>`select count(*)::float8 as total from orders where ${where}`.execute(db)
  const total = counted.rows[0]?.total ?? 0
  const offset = page * pageSize
  // A page behind the last one need not be looked for.
  if (offset >= total) return { total, slips: [] }
  const { rows } = await sql<SlipRow>`
    select ${COLUMNS} from orders where ${where} order by id desc nulls last, order_sn limit ${pageSize} offset ${offset}`.execute(
    db,
  )
  return { total, slips: rows.map(slipOf) }
}

/** @returns the integers by which these orders are named, by number */
export async function orderIds(db: Database, orderSns: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.selectFrom('orders').select(['order_sn', 'id']).where('order_sn', 'in', orderSns).execute()
  return new Map(rows.map(({ order_sn, id }) => [order_sn, id ?? 0]))
}

function slipOf(row: SlipRow): OrderSlip {
  const {
    id,
    order_sn,
    imported_sn,
    pay_type,
    user_id,
    status,
    total,
    currency,
    address,
    name,
    mobile,
    post,
    sealed,
    deleted_at,
  } = row
  return {
    ...{
      id: id ?? 0,
      orderSn: order_sn,
      knownAs: imported_sn || order_sn,
      userId: user_id,
      status,
      isDeleted: deleted_at !== null,
    },
    ...(pay_type !== null && { payType: pay_type }),
    ...{ address: address ?? '', name: name ?? '', mobile: mobile ?? '', post: post ?? '' },
    ...(sealed !== null && { sealed }),
    ...(total !== null && { total: { amount: total, currency: currency ?? '' } }),
  }
}
