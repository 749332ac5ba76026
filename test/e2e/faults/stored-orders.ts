import type { TestStack } from '../../support/stack.ts'

/** Returns how the store holds these orders, by number. An order that it does not have has no entry. */
export async function storedOrders({ db }: TestStack, orders: readonly { orderSn: string }[]) {
  const rows = await db
    .selectFrom('orders')
    .select(['order_sn', 'status', 'stock_state', 'refusal_type', 'created_at', 'updated_at'])
    .where(
      'order_sn',
      'in',
      orders.map(({ orderSn }) => orderSn),
    )
    .execute()
  return new Map(rows.map((row) => [row.order_sn, { ...row, state: `${row.status}, ${row.stock_state}` }]))
}
