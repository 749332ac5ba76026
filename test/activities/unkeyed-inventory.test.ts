import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { failureIn } from '../../contracts/application-failure.ts'
import { type Failure, failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { SaleState } from '../../proto/generated/inventory.ts'
import { recordAnswer } from '../support/record-answer.ts'
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
    const { orders } = parts
    const late = parts.activities({
      unkeyed: {
        ...orders,
        async recordAnswers(effect, answers, ...args) {
          await orders.voidOrders(answers.map(({ orderSn }) => ({ orderSn, refusal: WHY, keyed: false })))
          return await orders.recordAnswers(effect, answers, ...args)
        },
      },
    })
    for (const inLane of [false, true]) {
      const request = asked()
      const sale = { orderSn: orderSnOf(request), lines: LINES }
      await unkeyed.openOrder(request)
      const [answer] = inLane ? await late.sellOrders([sale]) : [{ refused: await refusedBy(late.sell(sale)) }]
      assert.equal(answer && 'refused' in answer && answer.refused?.type, 'OrderInDoubt')
      assert.equal((await orders.getOrder(sale.orderSn))?.status, 'IN_DOUBT')
    }
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
        markAllSent: assert.fail,
        recordAnswers: (...args) => orders.recordAnswers(...args),
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
      if (effect === 'Sell') await long(sale.orderSn)
      await unkeyed.voidOrder({ request, refusal: WHY })
      if (effect === 'Reback') await parts.orders.markSent(sale.orderSn, 'Reback')
      await long(sale.orderSn)
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

  describe('in the lane', () => {
    it('mark, send and record the Sells of a batch, each once, whoever asks at the same time and how often', async () => {
      const before = await parts.stock.stock(31)
      const sales = await Promise.all([1, 2, 3].map(() => opened()))
      const asks = await Promise.all([1, 2, 3].map(() => unkeyed.sellOrders([...sales, ...sales])))
      for (const answers of asks) {
        assert.equal(answers.length, 6)
        for (const answer of answers) assert.ok('done' in answer || 'unknown' in answer, JSON.stringify(answer))
      }
      assert.equal(await parts.stock.stock(31), before - 6)
      assert.deepEqual(
        await unkeyed.sellOrders(sales),
        sales.map(() => ({ done: true })),
      )
      for (const { orderSn } of sales) assert.equal((await parts.orders.getOrder(orderSn))?.stockState, 'sold')
    })

    it('refuse by itself who asks for other lines than its own, or is closed', async () => {
      const [good, other, closed] = [await opened(), await opened(), await opened()]
      await unkeyed.voidOrder({ orderSn: closed.orderSn, refusal: WHY })
      const answers = await unkeyed.sellOrders([good, { ...other, lines: [{ goodsId: 31, num: 1 }] }, closed])
      const types = answers.map((answer) => ('refused' in answer ? answer.refused.type : Object.keys(answer)[0]))
      assert.deepEqual(types, ['done', 'InvalidInput', 'OrderClosed'])
    })

    it('leave a Sell to whoever sent it as long as that one may be answered, and doubt it afterwards', async () => {
      const sale = await opened()
      assert.equal((await parts.orders.markSent(sale.orderSn, 'Sell')).kind, 'send')
      assert.deepEqual(await unkeyed.sellOrders([sale]), [{ unknown: 'ServiceUnavailable' }])
      assert.equal((await refusedBy(unkeyed.sell(sale)))?.type, 'ServiceUnavailable')
      for (const voiding of [
        () => unkeyed.voidOrder({ orderSn: sale.orderSn, refusal: WHY }),
        () => unkeyed.voidOrders([{ orderSn: sale.orderSn, refusal: WHY }]),
      ])
        assert.equal((await refusedBy(voiding()))?.type, 'ServiceUnavailable')
      assert.equal((await parts.orders.getOrder(sale.orderSn))?.status, 'CREATING')
      await long(sale.orderSn)
      const [answer] = await unkeyed.sellOrders([sale])
      assert.equal(answer && 'refused' in answer && answer.refused.type, 'OrderInDoubt')
      assert.equal((await unkeyed.voidOrder({ orderSn: sale.orderSn, refusal: WHY })).outcome, 'DOUBTED_NOW')
    })

    it('confirm an order whose Sell somebody else was answered', async () => {
      const sale = await opened()
      const permit = await parts.orders.markSent(sale.orderSn, 'Sell')
      assert.ok(permit.kind === 'send')
      assert.equal((await refusedBy(unkeyed.sell(sale)))?.type, 'ServiceUnavailable')
      await recordAnswer(parts.orders, sale.orderSn, 'Sell', true, permit.mark)
      await unkeyed.sell(sale)
      const priced = LINES.map((line) => ({ ...line, name: 'x', image: '', price: { amount: 1, currency: 'CNY' } }))
      assert.equal((await unkeyed.confirmOrder({ orderSn: sale.orderSn, lines: priced })).status, 'PAYING')
    })

    it('send nothing if there is no time to hear the answer, and take the mark away', async () => {
      const sale = await opened()
      const before = await parts.stock.stock(31)
      const { orders } = parts
      const late = parts.activities({
        unkeyed: {
          ...orders,
          async markSent(...args) {
            const permit = await orders.markSent(...args)
            await sleep(3_000)
            return permit
          },
        },
      })
      assert.match((await refusedBy(late.sell(sale)))?.message ?? '', /was not sent: too little time was left/)
      assert.equal(await parts.stock.stock(31), before)
      assert.equal((await orders.getOrder(sale.orderSn))?.stockState, 'none')
      await unkeyed.sell(sale)
      assert.equal(await parts.stock.stock(31), before - 2)
    })

    it('record what was answered once the database is back, also if it was recorded and not heard of', async () => {
      const [lost, unheard] = [await opened(), await opened()]
      const { orders } = parts
      let failures = 0
      const failing = (isApplied: boolean) =>
        parts.activities({
          unkeyed: {
            ...orders,
            async recordAnswers(...args) {
              if (isApplied && failures === 0) await orders.recordAnswers(...args)
              if (failures++ < 2) throw Object.assign(new Error('terminating connection'), { code: 'ECONNRESET' })
              return await orders.recordAnswers(...args)
            },
          },
        })
      for (const [sale, isApplied] of [
        [lost, false],
        [unheard, true],
      ] as const) {
        failures = 0
        assert.deepEqual(await failing(isApplied).sellOrders([sale]), [{ done: true }])
        assert.equal((await orders.getOrder(sale.orderSn))?.stockState, 'sold')
        assert.equal(failures, 3)
      }
    })

    it('do not send a second Sell of one order beside another, whose answer is not known', async () => {
      const [one, two] = [await opened(), await opened()]
      let calls = 0
      const { inventory } = parts.clients
      const lost = parts.activities({
        unkeyed: parts.orders,
        inventory: {
          sell: assert.fail,
          reback: assert.fail,
          async sellUnkeyed(...args) {
            calls++
            await inventory.sellUnkeyed(...args)
            throw new Error('the reply was lost')
          },
          rebackUnkeyed: assert.fail,
        },
      })
      const types = (await lost.sellOrders([one, two])).map((answer) => 'refused' in answer && answer.refused.type)
      assert.deepEqual(types, ['OrderInDoubt', 'OrderInDoubt'])
      assert.equal(calls, 2)
      // Who was answered that voids at once: nobody waits for the answer any more.
      const refusal = failure('OrderInDoubt', 'for a test')
      for (const { orderSn } of [one, two]) {
        assert.equal((await lost.voidOrder({ orderSn, refusal })).outcome, 'DOUBTED_NOW')
        assert.equal((await parts.orders.getOrder(orderSn))?.status, 'IN_DOUBT')
      }
      assert.equal((await lost.sellOrders([one])).length, 1)
      assert.equal(calls, 2)
    })

    it('give nothing back: an order that owes something is handed over', async () => {
      const sale = await opened()
      await unkeyed.sell(sale)
      await unkeyed.voidOrder({ orderSn: sale.orderSn, refusal: WHY })
      assert.deepEqual(await parts.bareActivities({ unkeyed: parts.orders }).rebackOrders([sale]), [])
      assert.equal((await parts.orders.getOrder(sale.orderSn))?.stockState, 'returning')
    })

    async function opened() {
      const request = asked()
      await unkeyed.openOrder(request)
      return { orderSn: orderSnOf(request), lines: LINES }
    }
  })

  /** Makes the mark of an order so old that nobody waits for its answer any more. */
  async function long(orderSn: string): Promise<void> {
    await sql`update orders set sent_at = now() - interval '11 seconds' where order_sn = ${orderSn}`.execute(parts.db)
  }

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
