import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import type { OrderSn } from '../../contracts/order.ts'
import type { Database } from '../../store/database.ts'
import { type EventStore, eventStore } from '../../store/events/event-store.ts'
import type { EventPlace } from '../../store/events/read-events.ts'
import { type ListPlace, listOrders } from '../../store/life/list-orders.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import { BUSY_USER, orderSnAt, PLACES } from './fill-store.ts'
import { confirmationsOf, newOrders } from './new-orders.ts'

/** Orders of a batch of the lane, or of a step of the closing. */
const BATCH = 50
const PAGE = 20
const DAY_MS = 86_400_000
/** Age, in milliseconds, above which an order that is not settled is one for the sweep. */
const LATE_MS = 60_000

/** One thing that is done with the store while the shop is open. */
export interface StoreUse {
  name: string
  /**
   * Prepares the use.
   * @param turn different for each use, and with it the orders that it takes
   * @returns the use itself
   */
  prepare(db: Database, turn: number): Promise<() => Promise<unknown>>
}

/** Orders of a use, other ones in each turn. */
const intents = (turn: number) => newOrders(turn * BATCH, BATCH)

/** All that is done with a store of so many orders, filled by fillStore. */
export function storeUses(orders: number): StoreUse[] {
  /** Numbers of orders of any age that are over. */
  const some = (turn: number, count = BATCH) =>
    Array.from({ length: count }, (_, i) => orderSnAt(PLACES.over + 2 + ((turn * 7_919 + i * 104_729) % (orders - PLACES.over))))
  let middleOfList: ListPlace | undefined
  let middleOfFeed: EventPlace | undefined
  const plain = (name: string, run: (store: OrderStore, turn: number) => Promise<unknown>): StoreUse => ({
    name,
    prepare: async (db, turn) => () => run(orderStore(db), turn),
  })
  const events = (name: string, run: (store: EventStore, middle: EventPlace) => Promise<unknown>): StoreUse => ({
    name,
    prepare: async (db) => {
      // Once: looking for it reads all events, and whatever is measured behind that finds other things in memory.
      middleOfFeed ??= await findMiddleOfFeed(db)
      const middle = middleOfFeed
      return () => run(eventStore(db), middle)
    },
  })
  return [
    plain('getOrders of 1', (store, turn) => store.getOrders(some(turn, 1))),
    plain('getOrders of 50', (store, turn) => store.getOrders(some(turn))),
    plain('recordedOrders of 50', (store, turn) => store.recordedOrders(some(turn))),
    plain('stockClaims of 50', (store, turn) => store.stockClaims(some(turn))),
    plain('paymentsOf 50', (store, turn) => store.paymentsOf(some(turn))),
    plain('readAudit', (store, turn) => store.readAudit(some(turn, 1)[0] as OrderSn)),
    plain('listOrders, first page', (store) => store.listOrders({ userId: BUSY_USER, limit: PAGE })),
    {
      name: 'listOrders, a page in the middle',
      prepare: async (db) => {
        middleOfList ??= await findMiddleOfList(db)
        const after = middleOfList
        return () => listOrders(db, { userId: BUSY_USER, after, limit: PAGE })
      },
    },
    plain('listOrders, a rare status', (store) => store.listOrders({ userId: BUSY_USER, status: 'TRADE_CLOSED', limit: PAGE })),
    plain('listOrders, an absent status', (store) => store.listOrders({ userId: BUSY_USER, status: 'PAYING', limit: PAGE })),
    {
      name: 'listOrders, of few orders',
      prepare: async (db, turn) => {
        const [order] = (await orderStore(db).getOrders(some(turn, 1))).values()
        return () => listOrders(db, { userId: order?.userId ?? 0, limit: PAGE })
      },
    },
    plain('closeDueOrders, none due', (store) => store.closeDueOrders(DAY_MS, BATCH)),
    plain('closeDueOrders, 50 due', (store) => store.closeDueOrders(0, BATCH)),
    plain('closeOrder', (store, turn) =>
      store.closeOrder({ orderSn: orderSnAt(PLACES.paying + (turn % 200)), by: 'bench', why: 'to see' }, 'cancelled'),
    ),
    plain('recordPayment', (store, turn) => {
      const amount = { amount: 300, currency: 'CNY' }
      const paid = { provider: 'bench', paymentId: `new-${turn}`, amount, paidAt: '2026-11-30T00:00:00.000Z' }
      return store.recordPayment(orderSnAt(PLACES.paying + (turn % 200)), paid)
    }),
    plain('finishOrder', (store, turn) => {
      const place = PLACES.over + ((turn * 10) % (orders - PLACES.over - 10))
      return store.finishOrder({ orderSn: orderSnAt(place - (place % 10) + 13), by: 'bench', why: 'to see' })
    }),
    plain('findReturning', (store) => store.findReturning({ keyed: true, idleMs: LATE_MS, atMost: BATCH })),
    plain('findUnsettled', (store) => store.findUnsettled(LATE_MS, BATCH)),
    plain('countUnsettled', (store) => store.countUnsettled(LATE_MS, 1_000)),
    plain('inCompensation', (store) => store.inCompensation()),
    plain('overdue', (store) => store.overdue(0)),
    plain('troubledOrders', (store) => store.troubledOrders(LATE_MS, { limit: 100 })),
    {
      name: 'troubledOrders, the next page',
      prepare: async (db) => {
        const { next: after } = await orderStore(db).troubledOrders(LATE_MS, { limit: PAGE })
        return () => orderStore(db).troubledOrders(LATE_MS, { after, limit: PAGE })
      },
    },
    plain('forgetRecipients', (store) => store.forgetRecipients(DAY_MS, BATCH)),
    plain('archivableAge', (store) => store.archivableAge(DAY_MS)),
    plain('refundsOwed', (store) => store.refundsOwed({ limit: 100 })),
    {
      name: 'refundsOwed, the next page',
      prepare: async (db) => {
        const { next: after } = await orderStore(db).refundsOwed({ limit: 10 })
        return () => orderStore(db).refundsOwed({ after, limit: 10 })
      },
    },
    {
      name: 'a page of the reconciliation',
      prepare: async (db, turn) => () => reconciliationStore(db).holdingsAfter(some(turn, 1)[0] as OrderSn),
    },
    { name: 'countInDoubt', prepare: async (db) => () => reconciliationStore(db).countInDoubt() },
    plain('naturalKeys of 50', (store, turn) =>
      store.naturalKeys(intents(turn).map(({ userId, fingerprint }) => ({ userId, fingerprint }))),
    ),
    plain('openOrders of 50', (store, turn) => store.openOrders(intents(turn))),
    {
      name: 'confirmOrders of 50',
      prepare: async (db, turn) => {
        const store = orderStore(db)
        await store.openOrders(intents(turn))
        return () => store.confirmOrders(confirmationsOf(intents(turn)))
      },
    },
    {
      name: 'voidOrders of 50',
      prepare: async (db, turn) => {
        const store = orderStore(db)
        await store.openOrders(intents(turn))
        const refused = failure('OrderTimedOut', 'for a bench')
        return () => store.voidOrders(intents(turn).map(({ orderSn }) => ({ orderSn, refusal: refused, keyed: true })))
      },
    },
    events('the feed, a page in the middle', (store, middle) => store.readEvents(middle, 100)),
    events('the feed, its end', async (store) => store.readEvents(await store.newestPlace(), 100)),
    events('undeliveredEvents', (store) => store.undeliveredEvents(100)),
    events('dueRetries', (store) => store.dueRetries(100)),
    events('listUndelivered', (store) => store.listUndelivered({ limit: 100 })),
    events('eventLag', (store) => store.eventLag()),
    events('removeEvents', (store) => store.removeEvents({ keepMs: DAY_MS, atMost: 100, toWebhook: true })),
    {
      name: 'removeEvents, none delivered yet',
      prepare: async (db) => {
        await sql`delete from event_cursors`.execute(db)
        return () => eventStore(db).removeEvents({ keepMs: DAY_MS, atMost: 100, toWebhook: true })
      },
    },
    plain('markReturned of 20', (store) =>
      store.markReturned(Array.from({ length: 20 }, (_, i) => orderSnAt(PLACES.returning + i))),
    ),
  ]
}

/** Place of the order in the middle of the busy user's list. */
async function findMiddleOfList(db: Database): Promise<ListPlace> {
  const { rows } = await sql<ListPlace>`
    with own as materialized (select created_at, order_sn from orders where user_id = ${BUSY_USER} order by created_at)
    select (extract(epoch from created_at) * 1000000)::bigint::text as "createdAtMicros", order_sn as "orderSn"
    from own offset (select count(*) / 2 from own) limit 1`.execute(db)
  return rows[0] as ListPlace
}

async function findMiddleOfFeed(db: Database): Promise<EventPlace> {
  const { rows } = await sql<EventPlace>`
    select xact, id from order_events where id = (select (min(id) + max(id)) / 2 from order_events)`.execute(db)
  return rows[0] as EventPlace
}
