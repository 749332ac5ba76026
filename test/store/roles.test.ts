import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import { appendAudit, readAudit } from '../../store/audit.ts'
import { cartStore } from '../../store/cart-store.ts'
import type { Database } from '../../store/database.ts'
import { orderStore } from '../../store/order-store.ts'
import { addDataKey } from '../../store/recipients/data-keys.ts'
import { eraseRecipients } from '../../store/recipients/erase-recipients.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import { grantRights } from '../../store/roles/grant-rights.ts'
import { RIGHTS } from '../../store/roles/rights.ts'
import { confirmIn, openIn } from '../support/placed-order.ts'
import { connectPatiently, testStore } from '../support/test-store.ts'

/** SQLSTATE insufficient_privilege. */
const NOT_ALLOWED = /permission denied|must be owner/

/** Roles that must not do more than they need: the suites of store, lane, gRPC and operators run under them. */
describe('the roles of the database', () => {
  let owner: Database
  let app: Database
  let operator: Database
  let users = 0

  before(async () => {
    const urls = await testStore()
    owner = connectPatiently(urls.owner)
    app = connectPatiently(urls.app)
    operator = connectPatiently(urls.operator)
  })
  after(() => Promise.all([owner, app, operator].map((db) => db.destroy())))

  const refused = async (db: Database, statement: string) =>
    await assert.rejects(sql.raw(statement).execute(db), NOT_ALLOWED, statement)

  it('have a row for each table there is', async () => {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = current_schema() and tablename not like 'kysely%'`.execute(owner)
    assert.deepEqual(rows.map(({ name }) => name).sort(), Object.keys(RIGHTS).sort())
  })

  it('neither create, change nor remove a table, an index, a function or a role', async () => {
    for (const db of [app, operator]) {
      for (const table of Object.keys(RIGHTS)) {
        await refused(db, `alter table ${table} add column mine text`)
        await refused(db, `drop table ${table}`)
        await refused(db, `truncate ${table} cascade`)
        await refused(db, `alter table ${table} disable trigger all`)
      }
      await refused(db, 'create table mine (a text)')
      await refused(db, 'create index mine on orders (status)')
      await refused(db, 'drop index orders_due')
      await refused(db, 'create function mine() returns integer language sql as $$ select 1 $$')
      await refused(db, 'drop function orders_life() cascade')
      await refused(db, 'create role mine')
      await refused(db, 'update kysely_migration set name = name')
    }
  })

  it('append to the audit trail, and change nothing in it', async () => {
    for (const db of [app, operator]) {
      const orderSn = await openIn(orderStore(app), ++users)
      await appendAudit(db, [{ orderSn, verb: 'retry', by: 'Ada', why: 'to see', before: {}, after: {} }])
      const trail = await readAudit(db, orderSn)
      await refused(db, `update order_audit set by = 'Eve' where order_sn = '${orderSn}'`)
      await refused(db, `delete from order_audit where order_sn = '${orderSn}'`)
      await refused(db, 'truncate order_audit')
      await refused(
        db,
        `insert into order_audit (id, order_sn, verb, by, why, before, after) overriding system value values (1, 'a', 'b', 'c', 'd', '{}', '{}')`,
      )
      assert.deepEqual(await readAudit(db, orderSn), trail)
    }
  })

  it('can not write as somebody else, nor at another time: PostgreSQL says who wrote an entry, and when', async () => {
    for (const [db, account] of [
      [app, 'test_app_1'],
      [operator, 'test_operator_1'],
    ] as const) {
      const orderSn = await openIn(orderStore(app), ++users)
      const columns = 'order_sn, verb, by, why, before, after'
      const values = `'${orderSn}', 'retry', 'Ada', 'to see', '{}', '{}'`
      await refused(db, `insert into order_audit (${columns}, role) values (${values}, 'postgres')`)
      await refused(db, `insert into order_audit (${columns}, at) values (${values}, now() - interval '1 year')`)
      await sql.raw(`insert into order_audit (${columns}) values (${values})`).execute(db)
      assert.deepEqual(
        (await readAudit(db, orderSn)).map(({ by, role }) => [by, role]),
        [['Ada', account]],
      )
      await assert.rejects(sql`set role postgres`.execute(db), NOT_ALLOWED)
      await assert.rejects(sql`set session authorization postgres`.execute(db), NOT_ALLOWED)
    }
  })

  it('delete no order, no line, no payment and no event that nobody took', async () => {
    for (const table of ['orders', 'order_lines', 'payments']) {
      await refused(app, `delete from ${table}`)
      await refused(operator, `delete from ${table}`)
    }
    await refused(operator, 'delete from order_events')
    await refused(app, `update order_events set type = 'order.paid'`)
    await refused(operator, `insert into payments select * from payments`)
  })

  it('let an operator vouch for the stock and settle orders, and place none in a cart', async () => {
    const orders = orderStore(operator)
    const orderSn = await openIn(orderStore(app), ++users)
    await confirmIn(orderStore(app), orderSn)
    assert.equal((await orders.closeOrder({ orderSn, by: 'Ada', why: 'to see' }, 'cancelled')).kind, 'moved')
    await orders.markReturned([orderSn])
    const open = await openIn(orderStore(app), ++users)
    await orders.voidOrders([{ orderSn: open, refusal: failure('OrderClosed', 'for a test') }])
    const reconciliation = reconciliationStore(operator)
    await reconciliation.putBaselines([{ goodsId: 1, pieces: 100 }])
    assert.deepEqual(await reconciliation.baselines(), new Map([[1, 100]]))
    assert.equal(await reconciliation.oweReback({ orderSn, by: 'Ada', why: 'to see' }), true)
    await assert.rejects(cartStore(operator).put(1, { goodsId: 1, num: 1, checked: true }), NOT_ALLOWED)
  })

  it('let an operator alone erase recipients: starters and workers delete no key, and change nothing in the record of who did', async () => {
    await addDataKey(app, { userId: 9_001, id: randomUUID(), wrapped: Buffer.from('k'), kek: 'k1' })
    const erasure = { userId: 9_001, by: 'Ada', why: 'to see' }
    await assert.rejects(eraseRecipients(app, erasure), NOT_ALLOWED)
    assert.equal((await eraseRecipients(operator, erasure)).kind, 'erased')
    for (const db of [app, operator]) {
      await refused(db, `update recipient_log set by = 'Eve'`)
      await refused(db, 'delete from recipient_log')
    }
  })

  it('have what they need and no more after each migration, whatever was granted by hand meanwhile', async () => {
    await sql`grant delete on orders to test_app`.execute(owner)
    await sql`revoke select on payments from test_app`.execute(owner)
    assert.deepEqual(await grantRights(owner, { app: 'test_app' }), ['test_app has the rights of app'])
    await refused(app, 'delete from orders')
    assert.deepEqual(await orderStore(app).refundsOwed({ limit: 1 }), { payments: [] })
    const [left, ...none] = await grantRights(owner, {})
    assert.match(left ?? '', /rights of test_app, test_operator are as they were: .*DATABASE_APP_ROLE/)
    assert.deepEqual(none, [])
  })

  it('are granted to nobody who owns the tables, and not twice to one', async () => {
    await assert.rejects(grantRights(owner, { app: 'postgres' }), /postgres owns the tables/)
    await assert.rejects(grantRights(owner, { app: 'test_app', operator: 'test_app' }), /both test_app: name two roles/)
    await assert.rejects(grantRights(app, { app: 'nobody_yet' }), /create role nobody_yet/)
  })
})
