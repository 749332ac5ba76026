import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import type { Line, OrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { repairFinding } from '../../operators/repair-finding.ts'
import { isExplained, reconcile } from '../../reconciliation/reconcile.ts'
import { readBaseline } from '../../reconciliation/stock-balance.ts'
import { appendAudit } from '../../store/audit.ts'
import { resolveInDoubt } from '../../store/resolve-in-doubt.ts'
import { operatorDeps } from '../operators/operator-deps.ts'
import { againstRival } from '../store/rivals.ts'
import { recordAnswer } from '../support/record-answer.ts'
import { Shop } from './shop.ts'

const LINES: Line[] = [{ goodsId: 3, num: 2 }]
const ADA = { by: 'Ada', why: 'the inventory was upgraded' }
const WHY = failure('OrderCancelled', 'for a test')

describe('a reconciliation behind a switch of INVENTORY_MODE', () => {
  let shop: Shop
  let users = 0

  beforeEach(async () => {
    shop = await Shop.open()
    const { baselines } = await readBaseline(shop.parts(), [3])
    await shop.store.putBaselines(baselines)
  })
  afterEach(() => shop.close())

  it('finds pieces that were sold without a number and given back by it, and has them given back once', async () => {
    const orderSn = await voided()
    await returnByNumber(orderSn)
    const { findings } = await reconcile(shop.parts())
    assert.deepEqual(findings, [{ kind: 'returned-by-number', orderSn, units: LINES, repair: 'owe' }])

    const finding = findings[0] as (typeof findings)[0]
    assert.equal((await repairFinding(operatorDeps(shop), finding, ADA)).done, true)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returning'])
    await giveBackWithoutNumber(orderSn)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returned'])
    assert.equal(isExplained(await reconcile(shop.parts())), true)
    // An operator whose list is old by now.
    assert.equal((await repairFinding(operatorDeps(shop), finding, ADA)).done, false)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returned'])
    assert.equal(await shop.inventory.getStock(3), 10_000)
  })

  it('finds them even if an operator had resolved the order before', async () => {
    const orderSn = await inDoubt()
    await resolveInDoubt(shop.db, { orderSn, verdict: 'sold', ...ADA })
    await returnByNumber(orderSn)
    assert.deepEqual(
      (await reconcile(shop.parts())).findings.map(({ kind }) => kind),
      ['returned-by-number'],
    )
  })

  it('believes the operator who resolved one after that', async () => {
    const orderSn = await inDoubt()
    await shop.inventory.reback(orderSn, LINES)
    await shop.inventory.rebackUnkeyed(LINES)
    await resolveInDoubt(shop.db, { orderSn, verdict: 'notSold', ...ADA })
    assert.deepEqual((await reconcile(shop.parts())).findings, [])
  })

  it('notes no debt of an order whose Reback is in doubt: it may have been given back', async () => {
    const orderSn = await inDoubt()
    assert.equal(await shop.store.oweReback({ orderSn, ...ADA }), false)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'in_doubt'])
  })

  it('notes no debt of an order that stands', async () => {
    const orderSn = await opened()
    await shop.orders.markSent(orderSn, 'Sell')
    await recordAnswer(shop.orders, orderSn, 'Sell', true)
    const line = { goodsId: 3, name: 'goods', image: '', price: { amount: 1, currency: 'CNY' }, num: 2 }
    await shop.orders.confirmOrders([{ orderSn, total: 2, lines: [line], keyed: false }])
    assert.equal(await shop.store.oweReback({ orderSn, ...ADA }), false)
    assert.deepEqual(await stateOf(orderSn), ['PAYING', 'sold'])
  })

  it('notes a debt once, even if two operators do so at the same moment', async () => {
    const orderSn = await voided()
    await returnByNumber(orderSn)
    const isOwed = await againstRival(shop.db, {
      // What oweReback does, in a transaction that is not over yet.
      rival: (trx) => trx.updateTable('orders').set({ stock_state: 'returning' }).where('order_sn', '=', orderSn).execute(),
      ours: () => shop.store.oweReback({ orderSn, ...ADA }),
      meanwhile: (trx) => appendAudit(trx, [{ orderSn, verb: 'reconcile', ...ADA, before: {}, after: {} }]),
    })
    assert.equal(isOwed, false)
  })

  it('finds a sale by number of an order without one that is closed and owes nothing, and has it given back', async () => {
    const orderSn = await opened()
    await shop.inventory.sell(orderSn, LINES)
    await shop.orders.voidOrders([{ orderSn, refusal: WHY }])
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'none'])
    const { findings } = await reconcile(shop.parts())
    assert.deepEqual(findings, [{ kind: 'closed-but-sold', orderSn, units: LINES, repair: 'return' }])
    await repairFinding(operatorDeps(shop), findings[0] as (typeof findings)[0], ADA)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'none'], 'no worker without keys gives it back once more')
    assert.equal(await shop.inventory.getStock(3), 10_000)
    assert.equal(isExplained(await reconcile(shop.parts())), true)
  })

  for (const [mode, open, owe] of [
    ['unkeyed', () => opened(), () => voided()],
    ['keyed', () => shop.opened(LINES), () => shop.voided(LINES)],
  ] as const) {
    it(`finds orders that wait for a worker of the other mode, though runs are at them: ${mode}`, async () => {
      const waiting = [await open(), await owe()]
      for (const orderSn of waiting) shop.attended.add(orderSn)
      const parts = shop.parts(mode === 'unkeyed')
      assert.deepEqual((await reconcile(parts)).findings, [], 'such a worker may still be there')
      await sql`update orders set updated_at = now() - interval '3 minutes'`.execute(shop.db)
      const { findings } = await reconcile(parts)
      assert.deepEqual(
        findings.map(({ kind, orderSn }) => [kind, orderSn]).sort(),
        waiting.map((sn) => ['waits-for-mode', sn]).sort(),
      )
      for (const { advice } of findings) assert.match(advice ?? '', new RegExp(`worker with INVENTORY_MODE=${mode} `))
    })
  }

  async function opened(): Promise<OrderSn> {
    const key = { userId: 900 + ++users, requestId: randomUUID() }
    const orderSn = orderSnOf(key)
    const buyer = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }
    await shop.orders.openOrders([
      { ...key, ...buyer, orderSn, fingerprint: 'f', lines: LINES, workflowId: `w-${orderSn}`, keyed: false },
    ])
    return orderSn
  }

  async function voided(): Promise<OrderSn> {
    const orderSn = await opened()
    await shop.orders.markSent(orderSn, 'Sell')
    await shop.inventory.sellUnkeyed(LINES)
    await recordAnswer(shop.orders, orderSn, 'Sell', true)
    await shop.orders.voidOrders([{ orderSn, refusal: WHY }])
    return orderSn
  }

  async function inDoubt(): Promise<OrderSn> {
    const orderSn = await voided()
    await shop.orders.markSent(orderSn, 'Reback')
    await shop.orders.doubtReback(orderSn)
    return orderSn
  }

  /** Returns stock as a worker with keys did that did not look at the row's mode. */
  async function returnByNumber(orderSn: OrderSn): Promise<void> {
    await shop.inventory.reback(orderSn, LINES)
    await sql`update orders set stock_state = 'returned', updated_at = now() where order_sn = ${orderSn}`.execute(shop.db)
  }

  async function giveBackWithoutNumber(orderSn: OrderSn): Promise<void> {
    assert.equal((await shop.orders.markSent(orderSn, 'Reback')).kind, 'send')
    await shop.inventory.rebackUnkeyed(LINES)
    await recordAnswer(shop.orders, orderSn, 'Reback', true)
  }

  async function stateOf(orderSn: string) {
    const order = await shop.orders.getOrder(orderSn)
    return [order?.status, order?.stockState]
  }
})
