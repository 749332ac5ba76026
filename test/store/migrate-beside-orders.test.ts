import assert from 'node:assert/strict'
import { type Kysely, sql } from 'kysely'
import { connectDatabase, type Database } from '../../store/database.ts'
import { up as orders } from '../../store/migrations/0001-orders.ts'
import { up as orderAudit } from '../../store/migrations/0002-order-audit.ts'
import { up as unkeyedStock } from '../../store/migrations/0003-unkeyed-stock.ts'
import { up as storeProbe } from '../../store/migrations/0004-store-probe.ts'
import { up as owed } from '../../store/migrations/0005-owed.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { orderStore } from '../../store/order-store.ts'
import { until } from '../e2e/faults/until.ts'
import { testDatabase } from '../support/postgres.ts'

const BEFORE = {
  '0001-orders': orders,
  '0002-order-audit': orderAudit,
  '0003-unkeyed-stock': unkeyedStock,
  '0004-store-probe': storeProbe,
  '0005-owed': owed,
}

describe('a migration beside orders that are being created', () => {
  let url: string
  let db: Database
  const connections: Database[] = []

  beforeEach(async () => {
    url = await testDatabase()
    db = connect()
    for (const up of Object.values(BEFORE)) await up(db as unknown as Kysely<unknown>)
    await sql`create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)`.execute(db)
    await sql`create table kysely_migration_lock (id varchar(255) primary key, is_locked integer not null default 0)`.execute(db)
    await sql`insert into kysely_migration_lock values ('migration_lock', 0)`.execute(db)
    for (const name of Object.keys(BEFORE)) await sql`insert into kysely_migration values (${name}, '2026')`.execute(db)
    // There are orders of every state; no move and no event of theirs was ever recorded.
    await sql`
      insert into orders (order_sn, user_id, request_id, fingerprint, status, stock_state, from_cart, workflow_id, lines,
        total, currency, pay_deadline, confirmed_at)
      select translate(lpad(to_hex(n), 16, 'A'), '0123456789abcdef', 'ABCDEFGHIJKLMNOP'), n, 'r', 'f', status, stock, false, 'w',
        '[{"goodsId": 1, "num": 1}]', 100, 'CNY', now() - interval '1 day', now() - interval '1 day'
      from generate_series(1, 2000) n, lateral (select
        (array['PAYING', 'TRADE_CLOSED', 'TRADE_CLOSED', 'CREATING'])[1 + n % 4] as status,
        (array['sold', 'returned', 'returning', 'selling'])[1 + n % 4] as stock) s`.execute(db)
    await sql`insert into order_lines select order_sn, 1, 'Tea', '', 100, 1 from orders where status = 'PAYING'`.execute(db)
  })
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((one) => one.destroy()))
  })

  it('takes the orders that there are along: they are closed when they are due, and their events begin at 1', async () => {
    assert.ok((await migrate(db)).includes('0006-order-life'))
    const store = orderStore(db)
    const closed = await store.closeDueOrders(0, 10)
    assert.equal(closed.length, 10)
    const [orderSn = ''] = closed
    const { rows } = await sql<{ seq: number; type: string }>`
      select seq, type from order_events where aggregateid = ${orderSn}`.execute(db)
    assert.deepEqual(rows, [{ seq: 1, type: 'order.closed' }])
    const order = await store.getOrder(orderSn)
    assert.deepEqual([order?.closedFor, order?.owed, order?.lines.length], ['expired', ['inventory'], 1])
    const { rows: counts } = await sql<{ n: number }>`select count(*)::integer as n from order_events`.execute(db)
    assert.deepEqual(counts, [{ n: 10 }], 'no event of what happened before')
  })

  it('drops what PostgreSQL had gathered about columns that name people, and lets it gather nothing more', async () => {
    const person = 'jane@example.org'
    await sql`update orders set address = ${person}, name = ${person}, mobile = ${person}, post = ${person}, request_id = ${person}`.execute(
      db,
    )
    const statistics = async () => {
      await sql`analyze`.execute(db)
      const { rows } = await sql<{ column: string }>`
        select attname as "column" from pg_stats
        where schemaname = current_schema() and concat(most_common_vals, histogram_bounds) like ${`%${person}%`}`.execute(db)
      return rows.map(({ column }) => column).sort()
    }
    assert.deepEqual(await statistics(), ['address', 'mobile', 'name', 'post', 'request_id'])
    await migrate(db)
    await sql`insert into cart_additions (user_id, key, goods_id, num) select n, ${person}, 1, 1 from generate_series(1, 100) n`.execute(
      db,
    )
    assert.deepEqual(await statistics(), [])
  })

  it('gives every row that was there an integer of its own, once, and goes on where it was cut off', async () => {
    await sql`insert into cart_items (user_id, goods_id, num) select n, 1, 1 from generate_series(1, 1500) n`.execute(db)
    await migrate(db)
    for (const table of ['orders', 'order_lines', 'cart_items']) {
      await sql`alter table ${sql.id(table)} drop constraint ${sql.id(`${table}_numbered`)}`.execute(db)
      await sql`update ${sql.id(table)} set id = null`.execute(db)
    }
    // The first walk ends at a row that somebody holds for longer than it waits.
    const holder = await open('update orders set updated_at = now() where user_id = 1500')
    await assert.rejects(migrate(connect({ statementTimeoutMs: 2_000 })))
    const [before] = await counts('orders')
    await holder.end()
    await Promise.all([migrate(db), migrate(connect())])
    assert.ok(before?.bare && before.bare < before.rows, `some had one before: ${JSON.stringify(before)}`)
    const once = await Promise.all(['orders', 'order_lines', 'cart_items'].map(async (table) => (await counts(table))[0]))
    for (const one of once) assert.deepEqual([one?.bare, one?.ids, one?.rows && one.rows > 0], [0, one?.rows, true])
    await migrate(db)
    assert.deepEqual(
      await Promise.all(['orders', 'order_lines', 'cart_items'].map(async (table) => (await counts(table))[0])),
      once,
    )
  })

  it('holds up nobody behind a transaction that reads on and on', async () => {
    const reader = await open('select count(*) from orders')
    const migrated = migrate(db)
    await until('it waits for the reader, and gave way once', async () => {
      const { rows } = await sql<{ gaveWay: boolean }>`
        select exists (select 1 from pg_stat_database where datname = current_database() and xact_rollback > 0) as "gaveWay"`.execute(
        connect(),
      )
      assert.ok(rows[0]?.gaveWay)
    })
    // Behind a lock that is waited for without end this would wait for the reader.
    await sql`update orders set updated_at = now() where user_id = 4`.execute(connect())
    await reader.end()
    assert.ok((await migrated).includes('0006-order-life'))
  })

  it('builds its indexes beside writers', async () => {
    await migrate(db)
    await sql`drop index orders_due`.execute(db)
    const writer = await open('update orders set updated_at = now() where user_id = 4')
    const built = migrate(db)
    await until('it waits for the writer', async () => {
      const { rows } =
        await sql`select 1 from pg_stat_activity where query like 'create index%' and wait_event_type = 'Lock'`.execute(connect())
      assert.equal(rows.length, 1)
    })
    await sql`update orders set updated_at = now() where user_id = 8`.execute(connect())
    await writer.end()
    assert.deepEqual(await built, ['orders_due'])
  })

  it('builds anew an index whose building was cut off', async () => {
    await migrate(db)
    await sql`update pg_index set indisvalid = false where indexrelid = 'orders_due'::regclass`.execute(db)
    assert.deepEqual(await Promise.all([migrate(db), migrate(connect())]).then((all) => all.flat()), ['orders_due'])
  })

  async function counts(table: string): Promise<{ rows: number; bare: number; ids: number; sum: string }[]> {
    const { rows } = await sql<{ rows: number; bare: number; ids: number; sum: string }>`
      select count(*)::integer as rows, count(*) filter (where id is null)::integer as bare, count(distinct id)::integer as ids,
        md5(string_agg(id::text, ',' order by id)) as sum from ${sql.id(table)}`.execute(connect())
    return rows
  }

  function connect({ statementTimeoutMs = 600_000 } = {}): Database {
    const one = connectDatabase(url, { statementTimeoutMs, max: 3 })
    connections.push(one)
    return one
  }

  /** A transaction that has done a statement, and stays open. */
  async function open(statement: string): Promise<{ end(): Promise<void> }> {
    let end: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    let over: Promise<void> | undefined
    await new Promise<void>((isOpen, fail) => {
      over = connect()
        .transaction()
        .execute(async (trx) => {
          await sql.raw(statement).execute(trx)
          isOpen()
          await ended
        })
      over.catch(fail)
    })
    return {
      async end() {
        end()
        await over
      },
    }
  }
})
