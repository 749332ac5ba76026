import { sql } from 'kysely'
import type { OrderRequest, Recipient, SealedOrderInput } from '../contracts/create-order.ts'
import { failure } from '../contracts/failures.ts'
import { type Fingerprints, PLAIN_FINGERPRINTS } from '../contracts/fingerprints.ts'
import { MAX_LINES } from '../contracts/limits.ts'
import { cartRevisionIn } from '../contracts/natural-key.ts'
import type { Line } from '../contracts/order.ts'
import { heldOf } from '../contracts/participants/list.ts'
import { dataKeyIdIn } from '../contracts/sealed-recipient.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'
import { addLines, found, ORDER_COLUMNS, type OrderRow, orderOf } from './order-rows.ts'
import type { StoredOrder } from './stored-order.ts'
import type { UserCaps } from './user-caps.ts'
import { valueLeft } from './value-left.ts'

/** One intent: what a restart needs to go on with the order, or to undo it. */
export type OpenIntent = OrderRequest & {
  orderSn: string
  /** The plain fingerprint of the request: the store writes it under its key. */
  fingerprint: string
  /** The run that opens it. */
  workflowId: string
  /** True if the order's inventory honours the order number; if not, nothing counts as sent before it is marked. @default true */
  keyed?: boolean
}

export interface OpenedOrder {
  order: StoredOrder
  /** Lines to be sold; empty if the order is closed. */
  lines: Line[]
  /** True if this very call inserted the row; if not, an earlier attempt may have sold already. */
  inserted: boolean
  /** Minor units to which an order that is CREATING may come, if the value that its user may hold unpaid has a cap. */
  mayCost?: number
}

/**
 * Inserts an intent row CREATING for each, unless its number is known, its key is of another revision of the cart, its user has another
 * order CREATING, there is nothing to order, its user would hold more than the caps allow, or the key that sealed its recipient was erased; but for the first, these leave a TRADE_CLOSED row,
 * since a refusal is final for its key.
 * @returns one answer for each intent, in their order
 */
export async function openOrders(
  db: Database,
  intents: readonly OpenIntent[],
  caps: UserCaps = NO_CAPS,
  fingerprints: Fingerprints = PLAIN_FINGERPRINTS,
): Promise<OpenedOrder[]> {
  const opened = new Map<string, OpenedOrder>()
  // A row that appears between our snapshot and our insert is neither inserted nor found: then it is there the next time.
  for (let missing = intents; missing.length > 0; missing = intents.filter(({ orderSn }) => !opened.has(orderSn))) {
    for (const row of await afterRaces(() => insertIntents(db, missing, fingerprints, caps))) {
      opened.set(row.order_sn, { order: orderOf(row), lines: linesToSell(row), inserted: row.inserted })
    }
    await addLines(
      db,
      [...opened.values()].map(({ order }) => order),
    )
  }
  const answers = intents.map(({ orderSn }) => found(opened, orderSn))
  const creating = answers.filter(({ order }) => order.status === 'CREATING')
  const left = await valueLeft(
    db,
    creating.map(({ order }) => order.userId),
    caps.unpaidValue,
  )
  for (const one of creating) {
    const mayCost = left.get(one.order.userId)
    if (mayCost !== undefined) one.mayCost = mayCost
  }
  return answers
}

const NO_CAPS: UserCaps = { unpaidOrders: 0, unpaidPieces: 0, unpaidValue: 0 }

async function insertIntents(
  db: Database,
  asked: readonly OpenIntent[],
  fingerprints: Fingerprints,
  { unpaidOrders, unpaidPieces, unpaidValue }: UserCaps,
): Promise<(OrderRow & { inserted: boolean })[]> {
  const intents = asked.map((intent) => ({ ...intent, fingerprints: fingerprints.valuesOf(intent.fingerprint) }))
  const column = (pick: (intent: (typeof intents)[number]) => unknown) => intents.map((intent) => pick(intent) ?? null)
  const recipient = (pick: (one: Partial<Recipient & SealedOrderInput>) => unknown) => column(pick)
  const refusals = {
    CartChanged: failure('CartChanged', 'this user changed the cart while an order of it was being placed'),
    EmptyCart: failure('EmptyCart', 'the cart had no checked goods'),
    OrderInProgress: failure('OrderInProgress', 'this user had another order in progress'),
    RecipientErased: failure('RecipientErased', 'the recipients of this user were erased while an order of it was being placed'),
    UnpaidOrdersLimit: failure(
      'UnpaidOrdersLimit',
      `this user had as many unpaid orders as a user may have (USER_MAX_UNPAID_ORDERS=${unpaidOrders})`,
    ),
    UnpaidValueLimit: failure(
      'UnpaidOrdersLimit',
      `this user had as much to pay as a user may have (USER_MAX_UNPAID_VALUE=${unpaidValue})`,
    ),
    UnpaidPiecesLimit: failure(
      'UnpaidPiecesLimit',
      `this user would have held more pieces in unpaid orders than a user may (USER_MAX_UNPAID_PIECES=${unpaidPieces})`,
    ),
    InvalidInput: failure('InvalidInput', `the cart had more than ${MAX_LINES} checked goods`, {
      fields: [{ field: 'cart', problem: `must have at most ${MAX_LINES} checked goods` }],
    }),
  }
  const { rows } = await sql<OrderRow & { inserted: boolean }>`
    with request as (
      select * from unnest(
        ${column((i) => i.orderSn)}::text[], ${column((i) => i.userId)}::integer[], ${column((i) => i.requestId)}::text[],
        ${column((i) => i.fingerprints[0])}::text[], ${column((i) => i.lines && JSON.stringify(i.lines))}::jsonb[],
        ${recipient((i) => i.address)}::text[], ${recipient((i) => i.name)}::text[], ${recipient((i) => i.mobile)}::text[],
        ${recipient((i) => i.post)}::text[], ${recipient((i) => i.sealed)}::text[], ${recipient((i) => i.sealed && dataKeyIdIn(i.sealed))}::uuid[], ${column((i) => i.workflowId)}::text[], ${column((i) => i.keyed ?? true)}::boolean[],
        ${column((i) => JSON.stringify(heldOf(i)))}::jsonb[], ${column(cartRevisionIn)}::bigint[],
        ${column((i) => i.expectedTotal && JSON.stringify(i.expectedTotal))}::jsonb[], ${column((i) => i.placedBy)}::text[]
      ) as r (order_sn, user_id, request_id, fingerprint, lines, address, name, mobile, post, sealed, data_key, workflow_id, keyed, held, revision,
        expected_total, placed_by)
    ),
    -- Found by its number alone (offset 0): PostgreSQL, as long as it takes the table for small, rather reads it whole.
    known as (
      select o.* from request r, lateral (select * from orders o where o.order_sn = r.order_sn offset 0) o
    ),
    fresh as materialized (
      select r.* from request r where r.order_sn not in (select order_sn from known)
    ),
    -- Before all other locks. Without caps nobody is counted, nor locked.
    unpaid as materialized (${
      unpaidOrders + unpaidPieces + unpaidValue > 0
        ? sql`select u.* from unpaid_by_user(array(select user_id from fresh)) u`
        : sql`select null::integer as user_id, 0 as orders, 0 as pieces, 0 as value, false as has_creating where false`
    }),
    -- Locked, so that the rows are read as they are now: a confirmation that reduced this cart after our snapshot was
    -- taken also ended the CREATING row that would have refused us. Cart rows are locked before orders, here and in confirm.
    cart as materialized (
      select c.user_id, c.goods_id, c.num from cart_items c
      where (select count(*) from unpaid) >= 0 and c.checked and c.user_id in (select user_id from fresh where lines is null)
      order by c.user_id, c.goods_id for update of c
    ),
    -- Locked as well, behind the cart rows as in an edit: whoever edits the cart now comes before both or after both. A row that is not
    -- there can't be locked, and no key is of its cart.
    revision as materialized (
      select v.user_id, v.revision from cart_revisions v
      where (select count(*) from cart) >= 0 and v.user_id in (select user_id from fresh where revision is not null)
      order by v.user_id for update of v
    ),
    changed as materialized (
      select r.order_sn from fresh r left join revision v using (user_id)
      where r.revision is not null and r.revision is distinct from v.revision
    ),
    -- Locked against an erasure to the end of this statement, behind all other locks: whoever erases holds this one alone.
    key as materialized (
      select k.id from recipient_keys k
      where (select count(*) from revision) >= 0 and k.id in (select data_key from fresh where data_key is not null)
      order by k.user_id for key share
    ),
    erased as materialized (
      select order_sn from fresh where data_key is not null and data_key not in (select id from key)
    ),
    intent as materialized (
      select r.order_sn, r.user_id, r.request_id, r.fingerprint, r.lines is null as from_cart,
        coalesce(r.lines, (
          select jsonb_agg(jsonb_build_object('goodsId', c.goods_id, 'num', c.num) order by c.goods_id)
          from cart c where c.user_id = r.user_id)) as lines,
        r.address, r.name, r.mobile, r.post, r.sealed, r.workflow_id, r.keyed, r.placed_by
      from fresh r order by r.order_sn
    ),
    -- An order that is being created is counted: it may be confirmed before ours is inserted, and then no longer stands in its way.
    over as materialized (
      select i.order_sn, u.has_creating, case
        when u.orders >= ${unpaidOrders || null}::bigint then 'UnpaidOrdersLimit'
        when u.value >= ${unpaidValue || null}::bigint then 'UnpaidValueLimit'
        when u.pieces + (select coalesce(sum((line ->> 'num')::bigint), 0) from jsonb_array_elements(i.lines) line)
          > ${unpaidPieces || null}::bigint then 'UnpaidPiecesLimit' end as why
      from intent i join unpaid u using (user_id)
    ),
    opened as (
      insert into orders (order_sn, user_id, request_id, fingerprint, from_cart, lines, address, name, mobile, post, sealed,
        workflow_id, keyed, placed_by, status, stock_state, held, expected_total)
      select i.*, 'CREATING', case when i.keyed then 'selling' else 'none' end,
        (select r.held from request r where r.order_sn = i.order_sn), -- no join: it would lose the order of the numbers
        (select r.expected_total from request r where r.order_sn = i.order_sn)
      from intent i where jsonb_array_length(i.lines) <= ${MAX_LINES} and i.order_sn not in (select order_sn from changed)
        and i.order_sn not in (select order_sn from erased)
        and i.order_sn not in (select order_sn from over where why is not null)
      on conflict do nothing returning *
    ),
    refused as (
      insert into orders (order_sn, user_id, request_id, fingerprint, from_cart, lines, address, name, mobile, post, sealed,
        workflow_id, keyed, placed_by, status, stock_state, refusal_type, refusal_code, refusal_message, refusal_details)
      select i.*, 'TRADE_CLOSED', 'none', why ->> 'type', (why ->> 'code')::integer, why ->> 'message', why -> 'details'
      from intent i, lateral (
        select ${JSON.stringify(refusals)}::jsonb -> case
          when i.order_sn in (select order_sn from changed) then 'CartChanged'
          when i.order_sn in (select order_sn from erased) then 'RecipientErased'
          when i.lines is null then 'EmptyCart'
          when jsonb_array_length(i.lines) > ${MAX_LINES} then 'InvalidInput'
          else coalesce((select o.why from over o where o.order_sn = i.order_sn and not o.has_creating), 'OrderInProgress') end as why) w
      where not exists (select 1 from opened p where p.order_sn = i.order_sn)
      on conflict do nothing returning *
    )
    select ${ORDER_COLUMNS}, true as inserted from opened
    union all select ${ORDER_COLUMNS}, true from refused
    union all select ${ORDER_COLUMNS}, false from known`.execute(db)
  return rows
}

function linesToSell(row: OrderRow): Line[] {
  return row.status === 'CREATING' ? soundLines(row.lines) : []
}
