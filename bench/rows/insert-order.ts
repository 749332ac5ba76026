import { sql } from 'kysely'
import type { CreateOrderResult, NamedRequest } from '../../contracts/create-order.ts'
import type { OrderLine } from '../../contracts/order.ts'
import { fingerprintOf } from '../../contracts/order-sn.ts'
import type { Database } from '../../store/database.ts'

/** An order that is priced and sold, and has to be written down. */
export interface SoldOrder {
  orderSn: string
  request: NamedRequest
  lines: OrderLine[]
  workflowId: string
}

/** Writes an order and its lines in one statement, into our own tables: what the rows without our store pay PostgreSQL. */
export async function insertOrder(db: Database, { orderSn, request, lines, workflowId }: SoldOrder): Promise<CreateOrderResult> {
  const { userId, requestId, address, name, mobile } = request
  const currency = lines[0]?.price.currency ?? ''
  const amount = lines.reduce((sum, { price, num }) => sum + price.amount * num, 0)
  const asked = JSON.stringify(lines.map(({ goodsId, num }) => ({ goodsId, num })))
  const { rows } = await sql<{ pay_deadline: Date }>`
    with inserted as (
      insert into orders (order_sn, user_id, request_id, fingerprint, from_cart, lines, address, name, mobile, workflow_id,
        status, stock_state, total, currency, pay_deadline, confirmed_at)
      values (${orderSn}, ${userId}, ${requestId}, ${fingerprintOf(request)}, false, ${asked}, ${address}, ${name}, ${mobile},
        ${workflowId}, 'PAYING', 'sold', ${amount}, ${currency}, now() + interval '30 minutes', now())
      returning order_sn, pay_deadline
    ),
    lines as (
      insert into order_lines (order_sn, goods_id, name, image, price, num)
      select ${orderSn}, * from unnest(${lines.map((l) => l.goodsId)}::integer[], ${lines.map((l) => l.name)}::text[],
        ${lines.map((l) => l.image)}::text[], ${lines.map((l) => l.price.amount)}::bigint[], ${lines.map((l) => l.num)}::integer[])
    )
    select pay_deadline from inserted`.execute(db)
  const payDeadline = rows[0]?.pay_deadline.toISOString() ?? ''
  return { orderSn, status: 'PAYING', total: { amount, currency }, payDeadline, lines }
}
