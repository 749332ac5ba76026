import { sql } from 'kysely'
import type { Failure } from '../contracts/failures.ts'
import { type Fingerprints, PLAIN_FINGERPRINTS } from '../contracts/fingerprints.ts'
import type { Line } from '../contracts/order.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import type { VoidOutcome } from '../contracts/steps.ts'
import { withCartPrices } from './cart-prices.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'
import { found, ORDER_COLUMNS, type OrderRow, orderOf, readOrders } from './order-rows.ts'
import { isConfirmed, type StoredOrder } from './stored-order.ts'

/** `request` lets void leave a closed row if there is none, so that a late open finds it; the sweep has no request. */
export interface VoidIntent {
  orderSn: string
  refusal: Failure
  /**
   * Mode of the inventory of the voiding process: true if it honours the order number. An order of the other mode is left as it
   * is.
   * @default either may be
   */
  keyed?: boolean
  /** Milliseconds for which whoever sent a Sell without a key may wait for its answer: the order is left as it is so long. @default 0 */
  underWayMs?: number
  /** `fingerprint` is the plain one: the store compares it under each of its keys. */
  request?: { userId: number; requestId: string; fingerprint: string; workflowId: string }
}

export interface VoidedOrder {
  orderSn: string
  outcome: VoidOutcome
  /** Absent only if there was no row and no request. */
  order?: StoredOrder
  /** Lines that a Reback has to name. */
  lines: Line[]
}

/**
 * Judges orders that failed: closes those still CREATING, whatever became of the others stands.
 * If the row is `returning` afterwards, a Reback is owed.
 */
export async function voidOrders(
  db: Database,
  asked: readonly VoidIntent[],
  fingerprints: Fingerprints = PLAIN_FINGERPRINTS,
): Promise<VoidedOrder[]> {
  const intents = await withCartPrices(db, asked)
  const voided = new Map<string, VoidedOrder>()
  for (let missing = intents; missing.length > 0; missing = intents.filter(({ orderSn }) => !voided.has(orderSn))) {
    for (const row of await afterRaces(() => close(db, missing, fingerprints))) {
      voided.set(row.order_sn, { orderSn: row.order_sn, outcome: row.outcome, order: orderOf(row), lines: soundLines(row.lines) })
    }
    const stored = await readOrders(
      db,
      missing.map(({ orderSn }) => orderSn).filter((orderSn) => !voided.has(orderSn)),
    )
    for (const intent of missing) {
      const { orderSn, request } = intent
      if (voided.has(orderSn)) continue
      const row = stored.get(orderSn)
      const outcome = row && outcomeOf(row.order, intent, fingerprints)
      if (outcome) voided.set(orderSn, { orderSn, outcome, ...row })
      else if (!row && !request) voided.set(orderSn, { orderSn, outcome: 'ABSENT', lines: [] })
      // Otherwise it was inserted, or opened, since our snapshot: the next round finds it.
    }
  }
  return intents.map(({ orderSn }) => found(voided, orderSn))
}

/** Finding of a void that closed nothing; absent if the row was CREATING, and is to be closed yet. */
function outcomeOf(
  order: StoredOrder,
  { request, keyed, underWayMs = 0 }: VoidIntent,
  fingerprints: Fingerprints,
): VoidOutcome | undefined {
  if (request && !fingerprints.isOf(order.fingerprint, request.fingerprint)) return 'FOREIGN'
  if (isConfirmed(order)) return 'CONFIRMED'
  if (order.status === 'IN_DOUBT') return 'IN_DOUBT'
  if (order.status !== 'CREATING') return 'ALREADY_CLOSED'
  if (keyed !== undefined && order.keyed !== keyed) return 'OTHER_MODE'
  // If its answer is recorded, or its time over, between the statement and this look: whoever asks again finds that.
  return underWayMs > 0 && !order.keyed ? 'UNDER_WAY' : undefined
}

type Closed = OrderRow & { outcome: 'CLOSED_NOW' | 'DOUBTED_NOW' | 'ABSENT' }

async function close(db: Database, intents: readonly VoidIntent[], fingerprints: Fingerprints): Promise<Closed[]> {
  const values = intents.map(({ request }) => (request ? fingerprints.valuesOf(request.fingerprint) : []))
  const { rows } = await sql<Closed>`
    with request as (
      select * from unnest(
        ${intents.map((i) => i.orderSn)}::text[],
        ${intents.map((i) => i.request?.userId ?? null)}::integer[], ${intents.map((i) => i.request?.requestId ?? null)}::text[],
        ${values.map(([first = null]) => first)}::text[], ${intents.map((i) => i.request?.workflowId ?? null)}::text[],
        ${intents.map((i) => i.refusal.type)}::text[], ${intents.map((i) => i.refusal.code)}::integer[],
        ${intents.map((i) => i.refusal.message)}::text[], ${intents.map((i) => JSON.stringify(i.refusal.details))}::jsonb[],
        ${intents.map((i) => i.keyed ?? null)}::boolean[], ${intents.map((i) => i.underWayMs ?? 0)}::float8[],
        ${values.map((all) => JSON.stringify(all))}::jsonb[]
      ) as r (order_sn, user_id, request_id, fingerprint, workflow_id, type, code, message, details, keyed, under_way_ms, fingerprints)
    ),
    creating as materialized (
      select o.order_sn from only orders o join request r using (order_sn)
      where o.status = 'CREATING' and o.keyed = coalesce(r.keyed, o.keyed) and (r.fingerprint is null or r.fingerprints ? o.fingerprint)
        and (o.sent_at is null or r.under_way_ms = 0 or o.sent_at < now() - make_interval(secs => r.under_way_ms / 1000))
      order by o.order_sn for update of o
    ),
    closed as (
      update only orders o set
        status = case when o.sent_at is null then 'TRADE_CLOSED' else 'IN_DOUBT' end,
        -- 'none' is an unkeyed order of which no Sell was sent; none can be from here on.
        stock_state = case when o.sent_at is not null then 'in_doubt' when o.stock_state = 'none' then 'none' else 'returning' end,
        refusal_type = r.type, refusal_code = r.code, refusal_message = r.message, refusal_details = r.details, updated_at = now()
      from creating c join request r using (order_sn)
      where o.order_sn = c.order_sn returning o.*
    ),
    absent as (
      insert into orders (order_sn, user_id, request_id, fingerprint, from_cart, workflow_id, keyed, status, stock_state,
        refusal_type, refusal_code, refusal_message, refusal_details)
      select r.order_sn, r.user_id, r.request_id, r.fingerprint, false, r.workflow_id, coalesce(r.keyed, true), 'TRADE_CLOSED',
        case when coalesce(r.keyed, true) then 'returning' else 'none' end, r.type, r.code, r.message, r.details
      from request r
      where r.user_id is not null and not exists (select 1 from orders o where o.order_sn = r.order_sn)
      order by r.order_sn
      on conflict do nothing returning *
    ),
    -- In this very statement, and not by appendAudit: an order in doubt without its trail would be a riddle.
    told as (
      insert into order_audit (order_sn, verb, by, why, before, after)
      select order_sn, 'doubt', 'voidOrder', 'Sell was sent, and whether it was applied is not known',
        '{"status":"CREATING","stockState":"selling"}', '{"status":"IN_DOUBT","stockState":"in_doubt"}'
      from closed where status = 'IN_DOUBT'
    )
    select ${ORDER_COLUMNS}, case status when 'IN_DOUBT' then 'DOUBTED_NOW' else 'CLOSED_NOW' end as outcome from closed
    union all select ${ORDER_COLUMNS}, 'ABSENT' from absent`.execute(db)
  return rows
}
