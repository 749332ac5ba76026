import assert from 'node:assert/strict'
import { explainUse } from '../../bench/growth/explain-use.ts'
import { fillStore } from '../../bench/growth/fill-store.ts'
import { RecordedStatements } from '../../bench/growth/recorded-statements.ts'
import { storeUses } from '../../bench/growth/store-uses.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { testDatabase } from '../support/postgres.ts'

const ORDERS = 20_000

/** Rows that one use may look at: what is under way is a few hundred orders, the busy user alone has 2,000. */
const AT_MOST = 900

describe('the plans of the store', () => {
  const recorded = new RecordedStatements()
  let db: Database

  before(async () => {
    db = connectDatabase(await testDatabase(), { statementTimeoutMs: 120_000, log: recorded.log })
    await migrate(db)
    await fillStore(db, ORDERS)
  })
  after(() => db.destroy())

  for (const use of storeUses(ORDERS)) {
    it(`${use.name}: reads no growing table from end to end, nor many rows for few`, async () => {
      const { scanned, rowsRead, looks } = await explainUse(db, recorded, use)
      assert.deepEqual(scanned, [])
      assert.ok(looks > 0, 'no plan looks at a growing table: nothing was checked')
      assert.ok(rowsRead <= AT_MOST, `${rowsRead} rows were looked at`)
    })
  }
})
