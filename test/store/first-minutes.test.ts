import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { confirmationsOf, newOrders } from '../../bench/growth/new-orders.ts'
import { failure } from '../../contracts/failures.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { connectTestDatabase } from '../support/postgres.ts'

/** Tables that grow with the orders, and about which PostgreSQL knows nothing until it analyzed them. */
const GROWING = ['orders', 'order_lines', 'payments', 'order_events']
const BATCH = 50
const BEFORE = 3_000

type Intent = ReturnType<typeof newOrders>[number]

/** Statements about the orders of a batch, which name them. */
const USES: Record<string, (store: OrderStore, intents: readonly Intent[]) => Promise<unknown>> = {
  openOrders: (store, intents) => store.openOrders(intents),
  getOrders: (store, intents) => store.getOrders(intents.map(({ orderSn }) => orderSn)),
  confirmOrders: (store, intents) => store.confirmOrders(confirmationsOf(intents)),
  recordPayment: (store, [intent]) => store.recordPayment(intent?.orderSn ?? '', paymentOf(intent)),
  closeOrder: (store, [, intent]) => store.closeOrder({ orderSn: intent?.orderSn ?? '', by: 'test', why: 'to see' }, 'cancelled'),
}
const VOIDED: typeof USES = {
  voidOrders: (store, intents) =>
    store.voidOrders(intents.map(({ orderSn }) => ({ orderSn, refusal: failure('OrderTimedOut', 'to see'), keyed: true }))),
  markReturned: (store, intents) => store.markReturned(intents.map(({ orderSn }) => orderSn)),
}
const UNKEYED: typeof USES = {
  markAllSent: (store, intents) =>
    store.markAllSent(
      intents.map(({ orderSn }) => orderSn),
      'Sell',
    ),
  recordAnswers: (store, intents) =>
    store.recordAnswers(
      'Sell',
      intents.map(({ orderSn }) => ({ orderSn, wasApplied: true })),
    ),
}

describe('the first minutes of a store', () => {
  let db: Database
  let store: OrderStore

  before(async () => {
    // One connection, which plans what it keeps while there is hardly an order.
    db = await connectTestDatabase({ max: 1 })
    await migrate(db)
    for (const table of GROWING) await sql`alter table ${sql.id(table)} set (autovacuum_enabled = off)`.execute(db)
    store = orderStore(db)
    for (let i = 0; i < 10; i++) await createOrders(newOrders(i, 1))
    for (let i = BATCH; i < BEFORE; i += BATCH) await createOrders(newOrders(i, BATCH))
  })
  after(() => db.destroy())

  let turn = BEFORE
  for (const [name, of, uses] of [
    ...Object.keys(USES).map((name) => [name, {}, USES] as const),
    ...Object.keys(VOIDED).map((name) => [name, {}, { openOrders: USES.openOrders, ...VOIDED }] as const),
    ...Object.keys(UNKEYED).map((name) => [name, { keyed: false }, { openOrders: USES.openOrders, ...UNKEYED }] as const),
  ]) {
    it(`cost ${name} no look at orders that it does not name, though no table was analyzed yet`, async () => {
      turn += BATCH
      const intents = newOrders(turn, BATCH).map((intent) => ({ ...intent, ...of }))
      for (const [step, use] of Object.entries(uses)) {
        const before = await readRows(db)
        await use?.(store, intents)
        const after = await readRows(db)
        if (step !== name) continue
        for (const table of GROWING) {
          const rows = (after.get(table) ?? 0) - (before.get(table) ?? 0)
          assert.ok(rows <= BATCH * 20, `${rows} rows of ${table} were read, of ${BEFORE} orders`)
        }
        return
      }
    })
  }

  async function createOrders(intents: readonly Intent[]): Promise<void> {
    await store.openOrders(intents)
    await store.confirmOrders(confirmationsOf(intents))
    for (const intent of intents.slice(0, 1)) await store.recordPayment(intent.orderSn, paymentOf(intent))
  }
})

function paymentOf(intent: Intent | undefined) {
  const { orderSn = '' } = intent ?? {}
  return { provider: 'test', paymentId: orderSn, amount: { amount: 300, currency: 'CNY' }, paidAt: '2026-11-30T00:00:00.000Z' }
}

/** Rows of each table that were read so far, by any plan. */
async function readRows(db: Database): Promise<Map<string, number>> {
  await sql`select pg_stat_force_next_flush()`.execute(db)
  const { rows } = await sql<{ name: string; read: string }>`
    select relname as name, seq_tup_read + idx_tup_fetch as read from pg_stat_user_tables`.execute(db)
  return new Map(rows.map(({ name, read }) => [name, Number(read)]))
}
