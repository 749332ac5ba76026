import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { connectDatabase, type Database } from '../../store/database.ts'
import { requireDirect } from '../../store/migrations/require-direct.ts'
import { proveWritable } from '../../store/prove-writable.ts'
import { until } from '../e2e/faults/until.ts'
import { findPgbouncer, type Pooler, startPgbouncer } from '../support/pgbouncer.ts'
import { PATIENT_STORE } from '../support/postgres.ts'
import { connectPatiently, type TestStore, testStore } from '../support/test-store.ts'

const CONNECT_MS = 60_000
/** Far more than the pooler has connections to PostgreSQL. */
const AT_ONCE = 40

describe('a PgBouncer in transaction mode before the store', () => {
  const program = findPgbouncer()
  let store: TestStore
  let pooler: Pooler
  let db: Database

  before(async function () {
    if (!program) {
      console.log('    skipped: PgBouncer is not installed (Debian: apt-get install pgbouncer)')
      this.skip()
    }
    store = await testStore()
    pooler = await startPgbouncer(program, [store.app, store.owner])
    db = connectPatiently(pooler.urlFor(store.app), { max: AT_ONCE })
  })
  after(() => db?.destroy())

  it('serves more connections than it has to PostgreSQL, statements and transactions with parameters at the same time', async () => {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => i)
    const answers = await Promise.all(
      numbers.map((i) =>
        i % 2 === 0
          ? sql<{ n: number }>`select ${i}::int as n, pg_sleep(0.02)`.execute(db).then(({ rows }) => rows[0]?.n)
          : db.transaction().execute(async (trx) => {
              await sql`select pg_advisory_xact_lock(${i}::bigint)`.execute(trx)
              return (await sql<{ n: number }>`select ${i}::int as n`.execute(trx)).rows[0]?.n
            }),
      ),
    )
    assert.deepEqual(answers, numbers)
    await Promise.all(numbers.map(() => proveWritable(db)))
    const owner = connectPatiently(store.owner)
    try {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from pg_stat_activity where usename = 'test_app_1' and datname = current_database()`.execute(
        owner,
      )
      assert.ok((rows[0]?.count ?? 0) <= pooler.size, `${rows[0]?.count} connections`)
      const { rows: held } = await sql`select from pg_locks where locktype = 'advisory' and database = (
        select oid from pg_database where datname = current_database())`.execute(owner)
      assert.equal(held.length, 0, 'locks were left behind')
    } finally {
      await owner.destroy()
    }
  })

  it('leaves nothing of one session to the next: settings are those of a statement', async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, () => proveWritable(db)))
    const own = Array.from({ length: AT_ONCE }, () => sql<{ work_mem: string }>`show work_mem`.execute(db))
    const seen = new Set((await Promise.all(own)).map(({ rows }) => rows[0]?.work_mem))
    assert.ok(!seen.has('64kB'), [...seen].join())
  })

  it('does not keep a statement alive whose time is over: PostgreSQL looks after its client', async () => {
    const owner = connectPatiently(store.owner)
    const hasty = connectDatabase(pooler.urlFor(store.app), { ...PATIENT_STORE, statementTimeoutMs: 200 })
    try {
      // As docs/deploy.md has it: the pooler swallows statement_timeout, so that only the end of the connection ends the statement.
      await sql`alter role test_app_1 set client_connection_check_interval = '500ms'`.execute(owner)
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_app_1'`.execute(owner)
      await until('the pooler connects anew', () => sql`select`.execute(db))
      await assert.rejects(sql`select pg_sleep(600) -- too long`.execute(hasty))
      await until('PostgreSQL ends the statement', async () => {
        const { rows } =
          await sql`select from pg_stat_activity where query like '%too long' and state = 'active' and usename = 'test_app_1'`.execute(
            owner,
          )
        assert.equal(rows.length, 0)
      })
    } finally {
      await sql`alter role test_app_1 reset client_connection_check_interval`.execute(owner)
      await Promise.all([hasty.destroy(), owner.destroy()])
    }
  })

  it('is refused by migrations, which need sessions: by name and with what to do', async () => {
    await requireDirect(store.owner, CONNECT_MS)
    await assert.rejects(
      requireDirect(pooler.urlFor(store.owner), CONNECT_MS),
      /there is a pooler at 127\.0\.0\.1:\d+.*npm run migrate/,
    )
  })
})
