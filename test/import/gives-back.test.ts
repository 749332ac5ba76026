import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { auditGoods } from '../../import/audit.ts'
import { connectMysql } from '../../import/connect-mysql.ts'
import { heldThere, stockThere } from '../../import/mysql-audit.ts'
import { inventoryDeps } from '../../reconciliation/inventory-deps.ts'
import { isExplained, reconcile } from '../../reconciliation/reconcile.ts'
import { readBaseline } from '../../reconciliation/stock-balance.ts'
import { importedStock } from '../../store/imported/imported-stock.ts'
import { oweClosed } from '../../store/imported/owe-closed.ts'
import { closeDueOrders } from '../../store/life/close-orders.ts'
import { findReturning } from '../../store/life/find-returning.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import { type Parts, startParts } from '../activities/parts.ts'
import { AMPLE_MS } from '../clients/ample.ts'
import { canTestMariadb } from '../support/mariadb.ts'
import { imported } from './imported.ts'
import { Joyshop } from './joyshop.ts'

const WHO = { by: 'A. Person', why: 'first day' }

describe('what imported orders hold', () => {
  let parts: Parts
  let shop: Joyshop

  before(async function () {
    if (!canTestMariadb()) this.skip()
    parts = await startParts()
  })
  beforeEach(async () => {
    shop = await Joyshop.open()
    for (const table of ['order_lines', 'payments', 'order_audit', 'orders', 'stock_baselines'])
      await sql`delete from ${sql.id(table)}`.execute(parts.db)
  })
  afterEach(async () => await shop?.close())
  after(async () => await parts?.stop())

  /** Gives back what is owed, as a worker under INVENTORY_MODE=unkeyed does. */
  async function giveBack(): Promise<number> {
    const { orderSns } = await findReturning(parts.db, { keyed: false, idleMs: 0, atMost: 100 })
    const unkeyed = parts.activities({ unkeyed: parts.orders })
    for (const orderSn of orderSns) await unkeyed.reback({ orderSn: orderSn as never, lines: [] })
    return orderSns.length
  }

  const audited = async () => {
    const connection = await connectMysql(shop.url)
    try {
      const { goods: held } = await heldThere(connection, '2026-11-02 00:00:00')
      return auditGoods({ held, stock: await stockThere(connection), here: await importedStock(parts.db) })
    } finally {
      await connection.end()
    }
  }

  it('is given back, without keys and once, of an open order that nobody paid', async () => {
    await shop.order({ id: 5 }, [{ goods: 31, nums: 3 }])
    await imported(shop.url, parts.db)
    const before = await parts.stock.stock(31)
    await closeDueOrders(parts.db, 0, 10)
    assert.deepEqual([await giveBack(), await giveBack()], [1, 0])
    assert.equal(await parts.stock.stock(31), before + 3)
    await imported(shop.url, parts.db)
    assert.equal(await giveBack(), 0)
  })

  it('is given back, once, of orders that were closed or deleted there, when somebody says so; nothing of others', async () => {
    await shop.order({ id: 5, status: 'TRADE_CLOSED' }, [
      { goods: 31, nums: 3 },
      { goods: 32, nums: 1 },
    ])
    await shop.order({ id: 6, deleted_at: '2026-11-01 11:00:00' }, [{ goods: 31, nums: 2 }])
    await shop.order({ id: 7, status: 'WAIT_BUYER_PAY' }, [{ goods: 31, nums: 100 }])
    await shop.order({ id: 8, status: 'TRADE_SUCCESS' }, [{ goods: 31, nums: 100 }])
    await shop.order({ id: 9 }, [{ goods: 31, nums: 100 }])
    await imported(shop.url, parts.db)
    assert.equal(await giveBack(), 0)
    const before = await parts.stock.stock(31)
    assert.deepEqual(await oweClosed(parts.db, WHO), { orders: 2, pieces: 6 })
    assert.deepEqual(await oweClosed(parts.db, WHO), { orders: 0, pieces: 0 })
    assert.equal(await giveBack(), 2)
    assert.equal(await parts.stock.stock(31), before + 5)
    assert.deepEqual([(await oweClosed(parts.db, WHO)).orders, await giveBack()], [0, 0])
    const { rows } = await sql`select verb, by, why from order_audit where verb = 'reconcile'`.execute(parts.db)
    assert.deepEqual(rows, Array(2).fill({ verb: 'reconcile', by: 'A. Person', why: 'import --audit --apply: first day' }))
  })

  it('is left alone of goods of which more are there than can be, with all of the order', async () => {
    await shop.order({ id: 5, status: 'TRADE_CLOSED' }, [
      { goods: 31, nums: 3 },
      { goods: 32, nums: 1 },
    ])
    await shop.order({ id: 6, status: 'TRADE_CLOSED' }, [{ goods: 33, nums: 1 }])
    await imported(shop.url, parts.db)
    assert.deepEqual(await oweClosed(parts.db, WHO, [32]), { orders: 1, pieces: 1 })
  })

  it('is explained by reconciliation, before and after it is given back', async () => {
    await shop.order({ id: 5, status: 'TRADE_CLOSED' }, [{ goods: 31, nums: 3 }])
    await shop.order({ id: 6 }, [{ goods: 31, nums: 2 }])
    await shop.order({ id: 7, status: 'TRADE_SUCCESS' }, [{ goods: 31, nums: 1 }])
    await imported(shop.url, parts.db)
    const inventory = new InventoryClient({ target: parts.stock.address, deadlineMs: AMPLE_MS })
    const store = reconciliationStore(parts.db)
    const deps = {
      store,
      ...inventoryDeps(inventory, false),
      attendanceOf: async () => ({ kind: 'attended' }) as const,
      answerGiven: async () => undefined,
    }
    try {
      const { baselines } = await readBaseline(deps, [])
      await store.putBaselines(baselines)
      assert.ok(isExplained(await reconcile(deps)))
      await oweClosed(parts.db, WHO)
      await closeDueOrders(parts.db, 0, 10)
      assert.ok(isExplained(await reconcile(deps)))
      assert.equal(await giveBack(), 2)
      const { findings } = await reconcile(deps)
      assert.deepEqual(findings, [])
    } finally {
      inventory.close()
    }
  })

  it('is told apart by the audit, with the calls that no order explains', async () => {
    await shop.order({ id: 5, status: 'TRADE_CLOSED' }, [{ goods: 31, nums: 3 }])
    await shop.order({ id: 6, pay_deadline: '2026-12-01 00:00:00' }, [{ goods: 31, nums: 2 }])
    await shop.order({ id: 7, status: 'TRADE_FINISHED' }, [{ goods: 31, nums: 1 }])
    await shop.order({ id: 8, pay_deadline: null }, [{ goods: 31, nums: 7 }])
    await shop.insert('inventory', { goods_id: 31, stock: 980, version: 6 })
    const before = await audited()
    const none = { unsold: 0, deleted: 0, givenBack: 0 }
    assert.deepEqual(before, [
      { goodsId: 31, paid: 1, unpaid: 2, overdue: 7, closed: 3, ...none, stock: 980, unexplainedCalls: 2 },
    ])
    await imported(shop.url, parts.db)
    await oweClosed(parts.db, WHO)
    const [after] = await audited()
    assert.equal(after?.givenBack, 3)
    assert.equal(after?.unexplainedCalls, undefined)
  })

  it('leaves unexplained what was put in, and is neither in stock nor held', () => {
    const held = [{ goodsId: 31, kind: 'paid' as const, orders: 1, pieces: 4 }]
    const of = (put: number) =>
      auditGoods({ held, stock: new Map([[31, { stock: 90 }]]), supplied: new Map([[31, put]]) })[0]?.unexplained
    assert.deepEqual([of(100), of(94), of(90)], [6, 0, -4])
  })
})
