import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { archiveOld } from '../../bench/growth/archive-old.ts'
import { explainUse } from '../../bench/growth/explain-use.ts'
import { fillStore } from '../../bench/growth/fill-store.ts'
import { RecordedStatements } from '../../bench/growth/recorded-statements.ts'
import { type StoreUse, storeUses } from '../../bench/growth/store-uses.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { orderStore } from '../../store/order-store.ts'
import { connectTestDatabase } from '../support/postgres.ts'

const ORDERS = 20_000

/** Rows that one use may look at: what is under way is a few hundred orders, the busy user alone has 2,000. */
const AT_MOST = 900

describe('the plans of the store', () => {
  explainsUses(storeUses(ORDERS), async (db) => await fillStore(db, ORDERS))
})

describe('the plans of a store whose older orders are archived', () => {
  explainsUses(storeUses(ORDERS), async (db) => {
    await fillStore(db, ORDERS)
    const archived = await archiveOld(db, 15 * 86_400_000)
    assert.ok(archived > ORDERS / 4, `${archived} orders were archived`)
    await sql`vacuum (analyze)`.execute(db)
  })
})

describe('the plans of a store to which 100,000 closed orders owe what they hold', () => {
  const uses = storeUses(2_000).filter(
    ({ name }) => ['findReturning', 'findUnsettled', 'countUnsettled'].includes(name) || name.startsWith('troubledOrders'),
  )
  const store = explainsUses(uses, async (db) => {
    await fillStore(db, 2_000)
    await db.transaction().execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx)
      await sql`
        insert into orders (order_sn, user_id, request_id, fingerprint, status, stock_state, owed, from_cart, lines, workflow_id, total, currency,
          pay_deadline, confirmed_at, closed_at, closed_for, updated_at)
        -- Spread over all numbers that there can be, as those of orders are.
        select substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 1 + n % 32, 1) || translate(upper(substr(md5('owing ' || n), 1, 15)), '0189', 'GHIJ'), n, 'owing', '', 'TRADE_CLOSED', 'returning', '{inventory}', false,
          '[{"goodsId": 1, "num": 1}]', 'w', 1, 'CNY', at, at, at, 'expired', at
        from generate_series(1, 100000) n, lateral (select now() - interval '1 hour' - n * interval '1 millisecond' as at) t`.execute(
        trx,
      )
    })
    await sql`vacuum (analyze)`.execute(db)
  })

  it('finds orders that owe all over, so that what nothing can settle holds up no other', async () => {
    const found = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const { orderSns } = await orderStore(store()).findReturning({ keyed: true, idleMs: 0, atMost: 50 })
      assert.equal(orderSns.length, 50)
      for (const orderSn of orderSns) found.add(orderSn)
    }
    assert.ok(found.size > 500, `${found.size} orders in 20 looks`)
  })
})

/**
 * Tests of a store of its own: no use of it reads a growing table from end to end, nor many rows for few.
 * @returns its database, once the tests run
 */
function explainsUses(uses: readonly StoreUse[], fill: (db: Database) => Promise<void>): () => Database {
  const recorded = new RecordedStatements()
  let db: Database

  before(async () => {
    db = await connectTestDatabase({ log: recorded.log })
    await migrate(db)
    await fill(db)
  })
  after(() => db.destroy())

  for (const use of uses) {
    it(`${use.name}: reads no growing table from end to end, nor many rows for few`, async () => {
      const { scanned, rowsRead, looks } = await explainUse(db, recorded, use)
      assert.deepEqual(scanned, [])
      assert.ok(looks > 0, 'no plan looks at a growing table: nothing was checked')
      assert.ok(rowsRead <= AT_MOST, `${rowsRead} rows were looked at`)
    })
  }
  return () => db
}
