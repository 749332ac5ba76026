import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { failureIn } from '../../contracts/application-failure.ts'
import { type Failure, failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { SaleState } from '../../proto/generated/inventory.ts'
import { type Parts, startParts } from './parts.ts'

const WHY = failure('OrderTimedOut', 'for a test')
const LINES = [{ goodsId: 31, num: 2 }]

describe('the activities under INVENTORY_MODE=unkeyed', () => {
  let parts: Parts
  let keyed: ReturnType<Parts['activities']>
  let unkeyed: ReturnType<Parts['activities']>
  let users = 0

  before(async () => {
    parts = await startParts()
    keyed = parts.activities()
    unkeyed = parts.activities({ unkeyed: parts.orders })
  })
  after(() => parts.stop())

  for (const opened of ['keyed', 'unkeyed'] as const) {
    it(`leave every step of an order alone that was opened under the other mode: ${opened}`, async () => {
      const [its, other] = opened === 'keyed' ? [keyed, unkeyed] : [unkeyed, keyed]
      const request = asked()
      const orderSn = orderSnOf(request)
      const sale = { orderSn, lines: LINES }
      const priced = LINES.map((line) => ({ ...line, name: 'x', image: '', price: { amount: 1, currency: 'CNY' } }))
      const before = await parts.stock.stock(31)
      const left = async (step: Promise<unknown>) => {
        const failure = await refusedBy(step)
        assert.equal(failure?.type, 'ServiceUnavailable')
        assert.match(failure.message, new RegExp(`order ${orderSn} was opened under INVENTORY_MODE=${opened}, and waits`))
      }
      const row = async () => await parts.db.selectFrom('orders').selectAll().where('order_sn', '=', orderSn).execute()

      await its.openOrder(request)
      const creating = await row()
      await left(other.openOrder(request))
      for (const isSecondRound of [false, true])
        assert.equal((await other.prepareOrders([request], isSecondRound)).openings[0]?.state, 'doubtful')
      await left(other.sell(sale))
      assert.ok('unknown' in ((await other.sellOrders([sale]))[0] ?? {}))
      await left(other.voidOrder({ orderSn, refusal: WHY }))
      await left(other.voidOrder({ request, refusal: WHY }))
      await left(other.voidOrders([{ request, refusal: WHY }]))
      assert.deepEqual([await row(), await parts.stock.stock(31)], [creating, before])

      await its.sell(sale)
      const sold = await row()
      await left(other.confirmOrder({ orderSn, lines: priced }))
      assert.deepEqual(await other.confirmOrders([{ orderSn, lines: priced }]), [null])
      assert.deepEqual(await row(), sold)

      const voided = await its.voidOrder({ orderSn, refusal: WHY })
      assert.deepEqual([voided.outcome, voided.rebackOwed], ['CLOSED_NOW', true])
      const owing = await row()
      await left(other.reback(sale))
      assert.deepEqual(await other.rebackOrders([sale]), [])
      await left(other.voidOrder({ orderSn, refusal: WHY }))
      await parts.orders.markReturned(opened === 'keyed' ? [] : [orderSn])
      assert.deepEqual([await row(), await parts.stock.stock(31)], [owing, before - 2])

      await its.reback(sale)
      assert.deepEqual([(await row())[0]?.stock_state, await parts.stock.stock(31)], ['returned', before])
    })
  }

  it('name no order to the inventory, which may have been upgraded to keys since', async () => {
    const request = asked()
    const sale = { orderSn: orderSnOf(request), lines: LINES }
    await unkeyed.openOrder(request)
    await unkeyed.sell(sale)
    assert.equal((await parts.stock.sale(sale.orderSn)).state, SaleState.SALE_STATE_NONE)
  })

  it('take an effect for done that was answered, when it is asked for again: its own answer was lost', async () => {
    const request = asked()
    const sale = { orderSn: orderSnOf(request), lines: LINES }
    const before = await parts.stock.stock(31)
    await unkeyed.openOrder(request)
    for (const _ of [1, 2]) await unkeyed.sell(sale)
    assert.equal(await parts.stock.stock(31), before - 2)
    await unkeyed.voidOrder({ orderSn: sale.orderSn, refusal: WHY })
    for (const _ of [1, 2]) await unkeyed.reback(sale)
    assert.equal(await parts.stock.stock(31), before)
  })

  it('do not take a Sell for done whose answer came when the order was in doubt already', async () => {
    const request = asked()
    const orderSn = orderSnOf(request)
    const { orders } = parts
    const late = parts.activities({
      unkeyed: {
        markSent: (...args) => orders.markSent(...args),
        noteEvidence: (...args) => orders.noteEvidence(...args),
        doubtReback: (...args) => orders.doubtReback(...args),
        async recordAnswer(...args) {
          await orders.voidOrders([{ orderSn, refusal: WHY, keyed: false }])
          return await orders.recordAnswer(...args)
        },
      },
    })
    await unkeyed.openOrder(request)
    assert.equal((await refusedBy(late.sell({ orderSn, lines: LINES })))?.type, 'OrderInDoubt')
    assert.equal((await orders.getOrder(orderSn))?.status, 'IN_DOUBT')
  })

  it('send no Sell of an order that is closed between the look at it and the mark, and say so', async () => {
    const request = asked()
    const orderSn = orderSnOf(request)
    const before = await parts.stock.stock(31)
    const { orders } = parts
    const late = parts.activities({
      unkeyed: {
        async markSent(...args) {
          await orders.voidOrders([{ orderSn, refusal: WHY, keyed: false }])
          return await orders.markSent(...args)
        },
        noteEvidence: (...args) => orders.noteEvidence(...args),
        doubtReback: (...args) => orders.doubtReback(...args),
        recordAnswer: (...args) => orders.recordAnswer(...args),
      },
    })
    await unkeyed.openOrder(request)
    assert.equal((await refusedBy(late.sell({ orderSn, lines: LINES })))?.type, 'OrderClosed')
    assert.equal(await parts.stock.stock(31), before)
  })

  for (const effect of ['Sell', 'Reback'] as const) {
    it(`answer that nobody knows, to whoever asks, as long as its ${effect} is in doubt: never that it is closed, or done`, async () => {
      const request = asked()
      const sale = { orderSn: orderSnOf(request), lines: LINES }
      await unkeyed.openOrder(request)
      if (effect === 'Reback') await unkeyed.sell(sale)
      else await parts.orders.markSent(sale.orderSn, 'Sell')
      await unkeyed.voidOrder({ request, refusal: WHY })
      if (effect === 'Reback') await parts.orders.markSent(sale.orderSn, 'Reback')
      if (effect === 'Reback') await refusedBy(unkeyed.reback(sale))
      assert.equal((await parts.orders.getOrder(sale.orderSn))?.stockState, 'in_doubt')

      for (const steps of [unkeyed, keyed]) {
        for (const step of [() => steps.openOrder(request), () => steps.sell(sale), () => steps.reback(sale)])
          assert.equal((await refusedBy(step()))?.type, 'OrderInDoubt')
        const [opening] = (await steps.prepareOrders([request])).openings
        assert.equal(opening?.state === 'refused' && opening.refusal.type, 'OrderInDoubt')
        for (const voided of [
          await steps.voidOrder({ request, refusal: WHY }),
          ...(await steps.voidOrders([{ request, refusal: WHY }])),
        ])
          assert.deepEqual([voided.refusal?.type, voided.rebackOwed], ['OrderInDoubt', false])
      }
    })
  }

  describe('that give back closed orders', () => {
    it('send each Reback once, whoever asks at the same time, and leave orders of the other mode alone', async () => {
      const [one, two, other] = [await closedAsUnpaid(unkeyed), await closedAsUnpaid(unkeyed), await closedAsUnpaid(keyed)]
      const before = await parts.stock.stock(31)
      const asks = [1, 2, 3].map(() => unkeyed.rebackOrders([one, other, two]))
      const returned = (await Promise.all(asks)).flat()
      assert.deepEqual(new Set(returned), new Set([one.orderSn, two.orderSn]))
      assert.deepEqual(new Set(await unkeyed.rebackOrders([one, two])), new Set([one.orderSn, two.orderSn]), 'they owe nothing')
      assert.equal(await parts.stock.stock(31), before + 4)
      for (const { orderSn } of [one, two]) assert.equal((await parts.orders.getOrder(orderSn))?.stockState, 'returned')
      assert.equal((await parts.orders.getOrder(other.orderSn))?.stockState, 'returning')
    })

    it('doubt an order whose answer is not known and send no more, and never repeat that Reback', async () => {
      const [one, two] = [await closedAsUnpaid(unkeyed), await closedAsUnpaid(unkeyed)]
      const before = await parts.stock.stock(31)
      let calls = 0
      const { inventory } = parts.clients
      const lost = parts.activities({
        unkeyed: parts.orders,
        inventory: {
          sell: assert.fail,
          reback: assert.fail,
          sellUnkeyed: assert.fail,
          async rebackUnkeyed(...args) {
            calls++
            await inventory.rebackUnkeyed(...args)
            throw new Error('the reply was lost')
          },
        },
      })
      assert.deepEqual(await lost.rebackOrders([one, two]), [])
      assert.deepEqual(await lost.rebackOrders([one]), [])
      assert.equal(calls, 1)
      assert.equal(await parts.stock.stock(31), before + 2)
      assert.equal((await parts.orders.getOrder(one.orderSn))?.stockState, 'in_doubt')
      assert.equal((await parts.orders.getOrder(two.orderSn))?.stockState, 'returning')
      assert.deepEqual(await unkeyed.rebackOrders([one, two]), [two.orderSn])
    })

    it('leave an order to whoever sent its Reback a moment ago, and doubt it when nobody can wait for the answer any more', async () => {
      const sale = await closedAsUnpaid(unkeyed)
      assert.equal((await parts.orders.markSent(sale.orderSn, 'Reback')).kind, 'send')
      assert.deepEqual(await unkeyed.rebackOrders([sale]), [])
      assert.equal((await parts.orders.getOrder(sale.orderSn))?.stockState, 'returning')
      await sql`update orders set sent_at = now() - interval '11 seconds' where order_sn = ${sale.orderSn}`.execute(parts.db)
      assert.deepEqual(await unkeyed.rebackOrders([sale]), [])
      assert.equal((await parts.orders.getOrder(sale.orderSn))?.stockState, 'in_doubt')
    })

    async function closedAsUnpaid(mode: typeof unkeyed) {
      const request = asked()
      const sale = { orderSn: orderSnOf(request), lines: LINES }
      await mode.openOrder(request)
      await mode.sell(sale)
      const priced = LINES.map((line) => ({ ...line, name: 'x', image: '', price: { amount: 1, currency: 'CNY' } }))
      await mode.confirmOrder({ orderSn: sale.orderSn, lines: priced })
      await parts.orders.closeOrder({ orderSn: sale.orderSn, by: 'a test', why: 'to see' }, 'cancelled')
      return sale
    }
  })

  it('sell nothing for a batch, and give nothing back: each of its orders is handed over', async () => {
    const before = await parts.stock.stock(31)
    const request = asked()
    const sale = { orderSn: orderSnOf(request), lines: LINES }
    await unkeyed.openOrder(request)
    assert.deepEqual(await unkeyed.sellOrders([sale]), [{ unknown: 'INVENTORY_MODE=unkeyed' }])
    assert.deepEqual(await unkeyed.rebackOrders([sale]), [])
    assert.equal(await parts.stock.stock(31), before)
  })

  function asked() {
    const customer = { address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }
    return { userId: ++users, requestId: randomUUID(), ...customer, lines: LINES }
  }
})

async function refusedBy(call: Promise<unknown>): Promise<Failure | undefined> {
  return await call.then(
    () => undefined,
    (error: unknown) => failureIn(error),
  )
}
