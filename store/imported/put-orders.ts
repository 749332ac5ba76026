import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../database.ts'
import type { ImportedOrder } from './imported-order.ts'
import { importsInTurn } from './imports-in-turn.ts'

/**
 * Outcome for an order that was to be imported.
 * - `new`: it was not here
 * - `again`: it was imported before, has not moved here, and was changed in the source since: it is taken anew
 * - `same`: it is here as it is in the source
 * - `moved-here`, `id-taken`, `key-taken`: it was left out, by the rule of that name
 */
export type PutOrderOutcome = 'new' | 'again' | 'same' | 'moved-here' | 'id-taken' | 'key-taken'

/** Zone of the source's times, and currency of its amounts. */
export interface ImportedAs {
  /** Name of a time zone as PostgreSQL has it. */
  timezone: string
  currency: string
}

interface Known {
  order_sn: string
  imported_as: string | null
  untouched: boolean
}

/**
 * Writes orders of the source that are not here yet, with their lines and payments; all of them or none. Repeated, it changes nothing. An order
 * that nothing here has moved since it was imported is as the source has it; one that went on here is left alone.
 * @param dryRun reports what would be done, and does nothing
 * @returns one outcome for each order, by its number
 */
export async function putOrders(
  db: Database,
  orders: readonly ImportedOrder[],
  as: ImportedAs,
  dryRun = false,
): Promise<Map<string, PutOrderOutcome>> {
  return await db.transaction().execute(async (trx) => {
    if (!dryRun) await importsInTurn(trx)
    const digests = new Map(orders.map((order) => [order.orderSn as string, digestOf(order, as)]))
    const outcomes = await outcomesOf(trx, orders, digests)
    if (dryRun) return outcomes
    const of = (outcome: PutOrderOutcome) => orders.filter(({ orderSn }) => outcomes.get(orderSn) === outcome)
    const again = of('again').map(({ orderSn }) => orderSn)
    if (again.length > 0) {
      await sql`delete from order_lines where order_sn = any(${again}::text[])`.execute(trx)
      await sql`delete from payments where order_sn = any(${again}::text[])`.execute(trx)
      await sql`delete from orders where order_sn = any(${again}::text[])`.execute(trx)
    }
    const written = [...of('new'), ...of('again')]
    if (written.length > 0) await insert(trx, written, as, digests)
    return outcomes
  })
}

async function outcomesOf(
  trx: Database,
  orders: readonly ImportedOrder[],
  digests: ReadonlyMap<string, string>,
): Promise<Map<string, PutOrderOutcome>> {
  const orderSns = orders.map(({ orderSn }) => orderSn)
  // Locked, so that nothing moves what is about to be taken anew.
  const { rows } = await sql<Known>`
    with known as materialized (
      select order_sn, imported_as, event_seq from orders where order_sn = any(${orderSns}::text[]) order by order_sn for update
    )
    select order_sn, imported_as, event_seq = 0 and not exists (select 1 from order_audit a where a.order_sn = k.order_sn) as untouched
    from known k`.execute(trx)
  const known = new Map(rows.map((row) => [row.order_sn, row]))
  const taken = await sql<{ id: number }>`
    select id from orders where id = any(${orders.map(({ id }) => id)}::integer[]) and order_sn <> all(${orderSns}::text[])`.execute(
    trx,
  )
  const takenIds = new Set(taken.rows.map(({ id }) => id))
  return new Map(
    orders.map(({ orderSn, id }) => {
      const row = known.get(orderSn)
      if (!row) return [orderSn, takenIds.has(id) ? 'id-taken' : 'new']
      if (row.imported_as === null) return [orderSn, 'key-taken']
      if (row.imported_as === digests.get(orderSn)) return [orderSn, 'same']
      return [orderSn, row.untouched ? 'again' : 'moved-here']
    }),
  )
}

async function insert(
  trx: Database,
  orders: readonly ImportedOrder[],
  { timezone, currency }: ImportedAs,
  digests: ReadonlyMap<string, string>,
): Promise<void> {
  const rows = orders.map(({ lines, ...order }) => ({
    ...order,
    as: digests.get(order.orderSn),
    asked: lines.map(({ goodsId, num }) => ({ goodsId, num })),
  }))
  const at = (column: string) => sql`(r.${sql.id(column)} at time zone ${timezone}::text)`
  await sql`
    insert into orders (id, order_sn, user_id, request_id, fingerprint, from_cart, workflow_id, keyed, imported_sn, imported_as, pay_type,
      status, stock_state, lines, address, name, mobile, post, total, currency,
      created_at, updated_at, confirmed_at, pay_deadline, paid_at, finished_at, closed_at, closed_for, deleted_at)
    select r.id, r."orderSn", r."userId", r."requestId", 'imported', true, 'import/' || r.id, false, r."importedSn", r."as", r."payType",
      r.status, r."stockState", r.asked, r.address, r.name, r.mobile, r.post, r.total, ${currency}::text,
      ${at('createdAt')}, ${at('updatedAt')}, ${at('createdAt')},
      coalesce(${at('payDeadline')}, ${at('createdAt')} + interval '30 minutes'),
      ${at('paidAt')}, ${at('finishedAt')}, ${at('closedAt')}, r."closedFor", ${at('deletedAt')}
    from json_to_recordset(${JSON.stringify(rows)}::json) as r (
      id integer, "orderSn" text, "userId" integer, "requestId" text, "importedSn" text, "as" text, "payType" text, status text, "stockState" text,
      asked jsonb, address text, name text, mobile text, post text, total bigint, "createdAt" timestamp, "updatedAt" timestamp,
      "payDeadline" timestamp, "paidAt" timestamp, "finishedAt" timestamp, "closedAt" timestamp, "closedFor" text, "deletedAt" timestamp)
    order by r."orderSn"`.execute(trx)
  const lines = orders.flatMap((order) => order.lines.map((line) => ({ ...line, orderSn: order.orderSn })))
  await sql`
    insert into order_lines (id, order_sn, goods_id, name, image, price, num)
    select r.id, r."orderSn", r."goodsId", r.name, r.image, r.price, r.num
    from json_to_recordset(${JSON.stringify(lines)}::json) as r (
      id integer, "orderSn" text, "goodsId" integer, name text, image text, price bigint, num integer)`.execute(trx)
  const payments = orders.filter(({ paymentId }) => paymentId !== undefined).map(({ lines: _, ...order }) => order)
  if (payments.length === 0) return
  const insertPayments = async (number: ReturnType<typeof sql>) =>
    await sql`
      insert into payments (provider, payment_id, order_sn, amount, currency, paid_at, received_at, outcome, refund)
      select r."payType", ${number}, r."orderSn", r.total, ${currency}::text, ${at('paidAt')}, ${at('paidAt')}, 'accepted', 'none'
      from json_to_recordset(${JSON.stringify(payments)}::json) as r (
        id integer, "payType" text, "paymentId" text, "orderSn" text, total bigint, "paidAt" timestamp)
      where not exists (select 1 from payments p where p.order_sn = r."orderSn")
      order by r."orderSn" on conflict (provider, payment_id) do nothing`.execute(trx)
  await insertPayments(sql`r."paymentId"`)
  // A number that a payment of another order has already is not this order's.
  await insertPayments(sql`'order-' || r.id`)
}

function digestOf(order: ImportedOrder, as: ImportedAs): string {
  return createHash('sha1')
    .update(JSON.stringify([order, as]))
    .digest('base64')
}
