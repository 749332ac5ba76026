import { type Selectable, sql } from 'kysely'
import type { Line } from '../contracts/order.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import type { Database } from './database.ts'
import type { OrderLinesTable, OrdersTable } from './schema.ts'
import { type ConfirmedOrder, isConfirmed, type StoredOrder } from './stored-order.ts'

/** Columns of an order that are read of it: neither its recipient nor what concerns its events is carried along. */
const COLUMNS = [
  ...([
    'order_sn',
    'id',
    'user_id',
    'request_id',
    'fingerprint',
    'status',
    'stock_state',
    'owed',
    'keyed',
    'workflow_id',
  ] as const),
  ...(['lines', 'expected_total', 'placed_by', 'total', 'currency', 'created_at', 'confirmed_at', 'pay_deadline'] as const),
  ...(['paid_at', 'finished_at', 'closed_at', 'closed_for', 'deleted_at', 'imported_sn'] as const),
  ...(['refusal_type', 'refusal_code', 'refusal_message', 'refusal_details'] as const),
] satisfies (keyof OrdersTable)[]

export type OrderRow = Pick<Selectable<OrdersTable>, (typeof COLUMNS)[number]>

/** The columns of an OrderRow, for a statement that is written in SQL. */
export const ORDER_COLUMNS = sql.join(COLUMNS.map((column) => sql.ref(column)))

/** The orders that there are, with the lines that were asked for; no row, no entry. */
export async function readOrders(
  db: Database,
  orderSns: readonly string[],
): Promise<Map<string, { order: StoredOrder; lines: Line[] }>> {
  if (orderSns.length === 0) return new Map()
  const rows = await db
    .selectFrom('orders')
    .select(COLUMNS)
    .where('order_sn', '=', sql<string>`any(${orderSns}::text[])`)
    .execute()
  const stored = rows.map((row) => ({ order: orderOf(row), lines: soundLines(row.lines) }))
  await addLines(
    db,
    stored.map(({ order }) => order),
  )
  return new Map(stored.map((one) => [one.order.orderSn, one]))
}

/** Fills in the lines of confirmed orders. */
export async function addLines(db: Database, orders: readonly StoredOrder[]): Promise<void> {
  const bare = new Map(orders.filter((o) => isConfirmed(o) && o.lines.length === 0).map((o) => [o.orderSn, o as ConfirmedOrder]))
  if (bare.size === 0) return
  // Found by the orders' numbers alone (offset 0), see confirmOrders.
  const { rows } = await sql<Selectable<OrderLinesTable>>`
    select l.* from unnest(${[...bare.keys()]}::text[]) asked (order_sn), lateral (
      select * from order_lines where order_sn = asked.order_sn order by goods_id offset 0) l`.execute(db)
  for (const { order_sn, goods_id, name, image, price, num } of rows) {
    const order = found(bare, order_sn)
    order.lines.push({ goodsId: goods_id, name, image, price: { amount: price, currency: order.total.currency }, num })
  }
}

export function orderOf(row: OrderRow): StoredOrder {
  return {
    orderSn: row.order_sn,
    ...(row.id !== null && { id: row.id }),
    userId: row.user_id,
    requestId: row.request_id,
    fingerprint: row.fingerprint,
    status: row.status,
    stockState: row.stock_state,
    owed: row.owed,
    keyed: row.keyed,
    workflowId: row.workflow_id,
    lines: [],
    createdAt: row.created_at.toISOString(),
    ...(row.stock_state === 'in_doubt' && { inDoubt: soundLines(row.lines) }),
    ...(row.placed_by !== null && { placedBy: row.placed_by }),
    ...(row.expected_total !== null && { expectedTotal: row.expected_total }),
    ...(row.total !== null && { total: { amount: row.total, currency: row.currency ?? '' } }),
    ...(row.pay_deadline !== null && { payDeadline: row.pay_deadline.toISOString() }),
    ...(row.paid_at !== null && { paidAt: row.paid_at.toISOString() }),
    ...(row.finished_at !== null && { finishedAt: row.finished_at.toISOString() }),
    ...(row.closed_at !== null && { closedAt: row.closed_at.toISOString() }),
    ...(row.closed_for !== null && { closedFor: row.closed_for }),
    ...(row.deleted_at !== null && { deletedAt: row.deleted_at.toISOString() }),
    ...(row.imported_sn !== null && { importedSn: row.imported_sn }),
    ...(row.refusal_type !== null && {
      refusal: {
        type: row.refusal_type,
        code: row.refusal_code ?? 0,
        message: row.refusal_message ?? '',
        details: row.refusal_details ?? {},
      },
    }),
  }
}

/** The answer for one order of an array. @throws TypeError where a row vanished, which no statement of ours does */
export function found<T>(answers: ReadonlyMap<string, T>, orderSn: string): T {
  const answer = answers.get(orderSn)
  if (answer === undefined) throw new TypeError(`the store has no order ${orderSn}: its row was deleted by hand`)
  return answer
}
