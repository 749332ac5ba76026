import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { confirmationsOf, newOrders } from '../../bench/growth/new-orders.ts'
import { failure } from '../../contracts/failures.ts'
import type { Database } from '../../store/database.ts'
import { eventStore } from '../../store/events/event-store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { connectTestDatabase } from '../support/postgres.ts'

/** Tables that grow with the orders, and about which PostgreSQL knows nothing until it analyzed them. */
const GROWING = ['orders', 'order_lines', 'payments', 'order_events']
const BATCH = 50
const BEFORE = 6_000

type Intent = ReturnType<typeof newOrders>[number]
type Use = (store: OrderStore, intents: readonly Intent[], db: Database) => Promise<unknown>

const numbersOf = (intents: readonly Intent[]) => intents.map(({ orderSn }) => orderSn)
const BY = { by: 'test', why: 'to see' }

/** Uses of the store in which an order is created and lives on, each on the orders of the uses before it. */
const LIFE: Record<string, Use> = {
  naturalKeys: (store, intents) => store.naturalKeys(intents.map(({ userId, fingerprint }) => ({ userId, fingerprint }))),
  recordedOrders: (store, intents) => store.recordedOrders(numbersOf(intents)),
  openOrders: (store, intents) => store.openOrders(intents),
  stockClaims: (store, intents) => store.stockClaims(numbersOf(intents)),
  confirmOrders: (store, intents) => store.confirmOrders(confirmationsOf(intents)),
  getOrders: (store, intents) => store.getOrders(numbersOf(intents)),
  orderIds: (store, intents) => store.orderIds(numbersOf(intents)),
  beginPayment: (store, intents) => store.beginPayment({ orderSn: numberOf(intents, 0), ...BY }),
  recordPayment: (store, intents) => store.recordPayment(numberOf(intents, 0), paymentOf(numberOf(intents, 0))),
  paymentsOf: (store, intents) => store.paymentsOf(numbersOf(intents)),
  finishOrder: (store, intents) => store.finishOrder({ orderSn: numberOf(intents, 0), ...BY }),
  closeOrder: (store, intents) => store.closeOrder({ orderSn: numberOf(intents, 1), ...BY }, 'cancelled'),
  listOrders: (store, intents) => store.listOrders({ userId: intents[0]?.userId ?? 0, limit: 20 }),
  listSlips: (store, intents) => store.listSlips({ userId: intents[0]?.userId ?? 0, page: 0, pageSize: 20 }),
  orderSlip: (store, intents) => store.orderSlip({ kind: 'number', orderSn: numberOf(intents, 0) }),
  newestPlace: (_, __, db) => eventStore(db).newestPlace(),
}
/** Uses in which an order is refused. */
const REFUSED: Record<string, Use> = {
  'openOrders with caps': (_, intents, db) => orderStore(db, { caps: CAPS }).openOrders(intents),
  voidOrders: (store, intents) =>
    store.voidOrders(
      numbersOf(intents).map((orderSn) => ({ orderSn, refusal: failure('OrderTimedOut', 'to see'), keyed: true })),
    ),
  markReturned: (store, intents) => store.markReturned(numbersOf(intents)),
}
/** Uses of an inventory that honours no order number. */
const UNKEYED: Record<string, Use> = {
  'openOrders without keys': (store, intents) => store.openOrders(intents.map((intent) => ({ ...intent, keyed: false }))),
  markAllSent: (store, intents) => store.markAllSent(numbersOf(intents), 'Sell'),
  recordAnswers: (store, intents) =>
    store.recordAnswers(
      'Sell',
      intents.map(({ orderSn }) => ({ orderSn, wasApplied: true })),
    ),
}
const CAPS = { unpaidOrders: 5, unpaidPieces: 100, unpaidValue: 100_000 }

describe('the first minutes of a store', () => {
  let db: Database
  let placed = 0

  before(async () => {
    // One connection, which plans what it keeps while there is hardly an order.
    db = await connectTestDatabase({ max: 1 })
    await migrate(db)
    for (const table of GROWING) await sql`alter table ${sql.id(table)} set (autovacuum_enabled = off)`.execute(db)
    for (let i = 0; i < 10; i++) await createOrders(1)
    while (placed < BEFORE) await createOrders(200)
  })
  after(() => db.destroy())

  for (const [i, uses] of [LIFE, REFUSED, UNKEYED].entries()) {
    const intents = newOrders(BEFORE + (i + 1) * BATCH, BATCH)
    for (const [name, use] of Object.entries(uses)) {
      it(`cost ${name} no look at orders that it does not name, though no table was analyzed yet`, async () => {
        const before = await readRows(db)
        await use(orderStore(db), intents, db)
        const after = await readRows(db)
        for (const table of GROWING) {
          const rows = (after.get(table) ?? 0) - (before.get(table) ?? 0)
          assert.ok(rows <= BATCH * 20, `${rows} rows of ${table} were read, of ${BEFORE} orders`)
        }
      })
    }
  }

  async function createOrders(count: number): Promise<void> {
    const intents = newOrders(placed, count)
    placed += count
    const store = orderStore(db, { caps: CAPS })
    await store.openOrders(intents)
    await store.confirmOrders(confirmationsOf(intents))
    await store.recordPayment(numberOf(intents, 0), paymentOf(numberOf(intents, 0)))
  }
})

function numberOf(intents: readonly Intent[], place: number): string {
  return intents[place]?.orderSn ?? assert.fail()
}

function paymentOf(orderSn: string) {
  return { provider: 'test', paymentId: orderSn, amount: { amount: 300, currency: 'CNY' }, paidAt: '2026-11-30T00:00:00.000Z' }
}

/** Rows of each table that were read so far, by any plan. */
async function readRows(db: Database): Promise<Map<string, number>> {
  await sql`select pg_stat_force_next_flush()`.execute(db)
  const { rows } = await sql<{ name: string; read: string }>`
    select relname as name, seq_tup_read + idx_tup_fetch as read from pg_stat_user_tables`.execute(db)
  return new Map(rows.map(({ name, read }) => [name, Number(read)]))
}
