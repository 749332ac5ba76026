import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import type { Deps } from '../../activities/deps.ts'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { createOrderWorkflowId, type OrderRequest } from '../../contracts/create-order.ts'
import { type FailureType, failure } from '../../contracts/failures.ts'
import type { Line } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { InventoryServiceService } from '../../proto/generated/inventory.ts'
import { priceOrder } from '../../workflows/price-order.ts'
import { listening } from '../clients/listening.ts'
import { missing, type Parts, startParts } from './parts.ts'

const LINES: Line[] = [
  { goodsId: 1, num: 2 },
  { goodsId: 2, num: 1 },
]
const STOCK = 10_000
const AWAY = ['ServiceUnavailable', true] as const
const WHY = failure('OrderTimedOut', 'for a test')

describe('the activities', () => {
  let parts: Parts
  let activities: Activities
  let users = 0

  before(async () => {
    parts = await startParts()
    activities = parts.activities()
  })
  after(() => parts.stop())
  beforeEach(async () => {
    parts.batches.length = 0
    parts.open.clear()
    for (const { goodsId } of LINES) await parts.stock.setStock(goodsId, STOCK)
  })

  describe('in their order', () => {
    it('make an order: the store holds it, the stock is taken, and every repeat answers the same', async () => {
      const request = asked()
      const opening = await activities.openOrder(request)
      assert.ok(opening.state === 'open')
      const { orderSn, lines } = opening
      assert.deepEqual(opening, { state: 'open', orderSn: orderSnOf(request), lines: LINES, inserted: true })
      await activities.getUser(request.userId)
      const goods = await activities.batchGetGoods(lines.map(({ goodsId }) => goodsId))
      await activities.sell({ orderSn, lines })
      const order = await activities.confirmOrder({ orderSn, lines: priceOrder(lines, goods) })

      const [first, second] = goods.map(({ price }) => price?.amount ?? Number.NaN) as [number, number]
      assert.deepEqual([order.status, order.total], ['PAYING', { amount: 2 * first + second, currency: 'CNY' }])
      const stored = await parts.orders.getOrder(orderSn)
      assert.deepEqual([stored?.stockState, stored?.workflowId, stored?.lines], ['sold', 'a-test', order.lines])
      assert.deepEqual(await stocks(), [STOCK - 2, STOCK - 1])
      assert.deepEqual(await activities.openOrder(request), { state: 'confirmed', order })
      assert.deepEqual(await activities.confirmOrder({ orderSn, lines: [] }), order)
      assert.deepEqual(await activities.voidOrder({ request, refusal: WHY }), {
        orderSn,
        outcome: 'CONFIRMED',
        order,
        rebackOwed: false,
        lines: [],
      })
    })

    it('give back what an order holds that was confirmed, and that the shop has closed since', async () => {
      const request = asked()
      const { orderSn, lines } = await opened(request)
      const goods = await activities.batchGetGoods(lines.map(({ goodsId }) => goodsId))
      await activities.sell({ orderSn, lines })
      await activities.confirmOrder({ orderSn, lines: priceOrder(lines, goods) })
      const owing = { status: 'TRADE_CLOSED', stock_state: 'returning' } as const
      await parts.db.updateTable('orders').set(owing).where('order_sn', '=', orderSn).execute()
      const voided = await activities.voidOrder({ orderSn, refusal: WHY })
      assert.deepEqual([voided.outcome, voided.order?.status, voided.rebackOwed], ['CONFIRMED', 'TRADE_CLOSED', true])
      await activities.reback({ orderSn, lines: voided.lines })
      assert.deepEqual(await stocks(), [STOCK, STOCK])
      assert.equal((await activities.voidOrder({ orderSn, refusal: WHY })).rebackOwed, false)
    })

    it('undo one: closed first, then the stock is back and nothing is owed', async () => {
      const request = asked()
      const { orderSn, lines } = await opened(request)
      await activities.sell({ orderSn, lines })
      const voided = await activities.voidOrder({ request, refusal: WHY })
      assert.deepEqual(voided, {
        orderSn,
        outcome: 'CLOSED_NOW',
        refusal: WHY,
        owed: ['inventory'],
        rebackOwed: true,
        lines: LINES,
      })
      await activities.reback({ orderSn, lines })
      assert.deepEqual(await stocks(), [STOCK, STOCK])
      const again = await activities.voidOrder({ orderSn, refusal: WHY })
      assert.deepEqual([again.outcome, again.rebackOwed], ['ALREADY_CLOSED', false])
    })
  })

  describe('openOrder', () => {
    it('goes on with an order that was opened before; in a batch, if nothing is tried twice, that is a doubt', async () => {
      const request = asked()
      const { inserted, ...first } = await opened(request)
      assert.equal(inserted, true)
      assert.deepEqual(await opened(request), { ...first, openedBy: 'a-test' })
      const { openings } = await activities.prepareOrders([request])
      assert.deepEqual(openings, [{ state: 'doubtful', why: 'opened before', reason: 'opened_before' }])
    })

    it('gives the repeat of a closed order the refusal that was stored', async () => {
      const request = asked()
      await activities.voidOrder({ request, refusal: WHY })
      assert.deepEqual(await refusalOf(activities.openOrder(request)), { ...WHY, retried: false })
    })

    it('refuses another request under a used key, a second order meanwhile, and an empty cart', async () => {
      const request = asked()
      await opened(request)
      const other = { ...request, address: 'elsewhere' }
      assert.equal((await refusalOf(activities.openOrder(other))).type, 'IdempotencyKeyReused')
      const { outcome, rebackOwed } = await activities.voidOrder({ request: other, refusal: WHY })
      assert.deepEqual([outcome, rebackOwed], ['FOREIGN', false])
      const second = { ...request, requestId: 'second' }
      assert.equal((await refusalOf(activities.openOrder(second))).type, 'OrderInProgress')
      const { lines, ...fromCart } = asked()
      assert.equal((await refusalOf(activities.openOrder(fromCart))).type, 'EmptyCart')
    })
  })

  describe('confirmOrder', () => {
    it('refuses an order that was voided meanwhile', async () => {
      const request = asked()
      const { orderSn } = await opened(request)
      await activities.voidOrder({ request, refusal: WHY })
      assert.equal((await refusalOf(activities.confirmOrder({ orderSn, lines: [] }))).type, 'OrderClosed')
      assert.deepEqual(await activities.confirmOrders([{ orderSn, lines: [] }]), [null], 'and so does a batch')
    })
  })

  describe('getUser', () => {
    it('refuses a user that does not exist', async () => {
      await activities.getUser(500)
      const refused = await refusalOf(activities.getUser(501))
      assert.deepEqual([refused.type, refused.details], ['UserNotFound', { service: 'user', userId: 501 }])
    })
  })

  describe('sell and reback', () => {
    it('take each order once, however often they are sent', async () => {
      const { orderSn, lines } = await opened(asked())
      for (let i = 0; i < 3; i++) await activities.sell({ orderSn, lines })
      assert.deepEqual(await stocks(), [STOCK - 2, STOCK - 1])
      await activities.voidOrder({ orderSn, refusal: WHY })
      for (let i = 0; i < 3; i++) await activities.reback({ orderSn, lines })
      assert.deepEqual(await stocks(), [STOCK, STOCK])
      assert.deepEqual(parts.batches, [...Array(3).fill('inventory/Sell 2'), 'inventory/Reback 2'], 'what is given back is known')
    })

    it('refuse a Sell after its Reback, even if there was nothing to give back', async () => {
      const { orderSn, lines } = await opened(asked())
      await activities.voidOrder({ orderSn, refusal: WHY })
      await activities.reback({ orderSn, lines: [] })
      const refused = await refusalOf(activities.sell({ orderSn, lines }))
      assert.deepEqual([refused.type, refused.retried], ['OrderClosed', false])
      assert.deepEqual(await stocks(), [STOCK, STOCK])
    })

    it('take all lines or none, and name the goods that are short', async () => {
      await parts.stock.setStock(2, 0)
      const { orderSn, lines } = await opened(asked())
      const refused = await refusalOf(activities.sell({ orderSn, lines }))
      assert.deepEqual([refused.type, refused.retried], ['InsufficientStock', false])
      assert.deepEqual(refused.details, { service: 'inventory', orderSn, goodsIds: [2] })
      assert.deepEqual(await stocks(), [STOCK, 0])
    })

    it('name all goods that stand in the way at once, and how many pieces there are only to callers who may know', async () => {
      await parts.stock.setStock(2, 3)
      const { orderSn, lines } = await opened({ ...asked(), lines: [1, 2, 9_998].map((goodsId) => ({ goodsId, num: 9_999 })) })
      const sale = { orderSn, lines }
      await parts.stock.setStock(1, 7)
      const refused = await refusalOf(activities.sell(sale))
      assert.deepEqual(refused.details, { service: 'inventory', orderSn, goodsIds: [1, 2, 9_998] })
      assert.match(refused.message, /^not enough stock of goods 1, 2, 9998: order fewer pieces/)
      const told = await refusalOf(parts.activities({ showStockLeft: true }).sell(sale))
      assert.deepEqual(told.details.left, [
        { goodsId: 1, left: 7 },
        { goodsId: 2, left: 3 },
      ])
      assert.equal(told.message, refused.message)
    })

    it('refuse goods that the inventory has never heard of as out of stock', async () => {
      const request = { ...asked(), lines: [{ goodsId: 9_999, num: 1 }] }
      const { orderSn, lines } = await opened(request)
      const refused = await refusalOf(activities.sell({ orderSn, lines }))
      assert.deepEqual([refused.type, refused.details.goodsIds], ['InsufficientStock', [9_999]])
    })
  })

  describe('findAbandonedOrders', () => {
    it('finds orders that no open run owns: CREATING ones, and those that owe a Reback', async () => {
      const left = asked()
      const owing = asked()
      const done = asked()
      for (const request of [left, owing, done]) await opened(request)
      await activities.voidOrder({ request: owing, refusal: WHY })
      await activities.voidOrder({ request: done, refusal: WHY })
      await activities.reback({ orderSn: orderSnOf(done), lines: [] })
      const found = await activities.findAbandonedOrders()
      assert.ok(found.includes(orderSnOf(left)) && found.includes(orderSnOf(owing)))
      assert.ok(!found.includes(orderSnOf(done)))
      // Handed over: the run that opened it has ended, the one of its own has not.
      parts.open.add(createOrderWorkflowId(orderSnOf(left)))
      assert.ok(!(await activities.findAbandonedOrders()).includes(orderSnOf(left)))
      parts.open.add('a-test')
      assert.deepEqual(await activities.findAbandonedOrders(), [])
    })

    it('finds the others if one cannot be asked about or is answered already, and reports which', async () => {
      const [left, unaskable, answered] = [asked(), asked(), asked()]
      for (const request of [left, unaskable, answered]) await opened(request)
      const reported: string[] = []
      const { findAbandonedOrders } = parts.activities({
        onLeftAlone: (why) => reported.push(why),
        attendanceOf: async ({ orderSn }) => {
          if (orderSn === orderSnOf(unaskable)) throw new Error('Failed to describe workflow')
          return orderSn === orderSnOf(answered) ? { kind: 'answered', workflowId: 'w' } : { kind: 'abandoned' }
        },
      })
      const found = await findAbandonedOrders()
      assert.ok(found.includes(orderSnOf(left)))
      assert.ok(!found.includes(orderSnOf(unaskable)) && !found.includes(orderSnOf(answered)))
      assert.deepEqual(reported, ['unaskable', 'answered'])
    })

    it('leaves orders alone that a run may still be working at', async () => {
      await opened(asked())
      assert.deepEqual(await parts.activities({ sweepAfterMs: 60_000 }).findAbandonedOrders(), [])
    })
  })

  describe('while PostgreSQL is away', () => {
    it('fail as ServiceUnavailable, to be retried, and go on when it is back', async () => {
      const request = asked()
      const { orderSn, lines } = await opened(request)
      await parts.proxy.cut()
      try {
        const attempts: [string, () => Promise<unknown>][] = [
          ['openOrders', () => activities.openOrder(request)],
          ['confirmOrders', () => activities.confirmOrder({ orderSn, lines: [] })],
          ['getOrder', () => activities.voidOrder({ request, refusal: WHY })],
          ['voidOrders', () => activities.voidOrder({ request, refusal: WHY, isOwn: true })],
          ['stockClaims', () => activities.sell({ orderSn, lines })],
          ['stockClaims', () => activities.reback({ orderSn, lines })],
          ['findUnsettled', () => activities.findAbandonedOrders()],
        ]
        for (const [operation, attempt] of attempts) {
          const refused = await refusalOf(attempt())
          assert.deepEqual(
            [refused.type, refused.retried, refused.details],
            ['ServiceUnavailable', true, { service: 'order store' }],
          )
          assert.match(refused.message, new RegExp(`the order store failed in ${operation} \\(\\w+\\)`))
        }
      } finally {
        await parts.proxy.mend()
      }
      assert.equal((await opened(request)).state, 'open')
    })

    it('fail alike when it goes away under a statement, and the worker lives on', async () => {
      const request = asked()
      const { orderSn } = await opened(request)
      const refused = await parts.whileLocked(orderSn, async (waiting) => {
        const attempt = refusalOf(activities.voidOrder({ request, refusal: WHY }))
        await waiting()
        await parts.proxy.cut()
        await parts.proxy.mend()
        return await attempt
      })
      assert.deepEqual([refused.type, refused.retried], AWAY)
      // The server goes on with what it was sent: the lost reply's effect may be there.
      assert.match((await activities.voidOrder({ request, refusal: WHY })).outcome, /CLOSED/)
    })

    it('fail alike when it falls silent, and do not go on asking over the dead connection', async () => {
      const request = asked()
      await opened(request)
      parts.proxy.silence()
      const refused = await refusalOf(activities.openOrder(request))
      assert.deepEqual([refused.type, refused.retried], AWAY)
      assert.equal((await opened(request)).state, 'open')
    })

    it('fail for good if PostgreSQL objects, and quote no row of it', async () => {
      await sql`alter table orders add constraint none_here check (address <> 'Quill Street 4')`.execute(parts.db)
      const refused = await refusalOf(activities.openOrder({ ...asked(), address: 'Quill Street 4' }))
      await sql`alter table orders drop constraint none_here`.execute(parts.db)
      assert.deepEqual([refused.type, refused.retried], ['InternalError', false])
      assert.match(refused.message, /the order store failed in openOrders \(23514\)/)
      assert.doesNotMatch(refused.message, /Quill/)
    })
  })

  describe('while a service', () => {
    type Party = 'goods' | 'inventory' | 'users'
    type Call = [service: string, party: Party, (activities: Activities) => Promise<unknown>]

    async function assertAway(target: string, status: string) {
      const clients = missing(target)
      const { orderSn } = await opened(asked())
      const owing = await opened(asked())
      await activities.voidOrder({ orderSn: owing.orderSn, refusal: WHY })
      const calls: Call[] = [
        ['goods', 'goods', ({ batchGetGoods }) => batchGetGoods([1])],
        ['inventory', 'inventory', ({ sell }) => sell({ orderSn, lines: LINES })],
        ['inventory', 'inventory', ({ reback }) => reback(owing)],
        ['user', 'users', ({ getUser }) => getUser(7)],
      ]
      try {
        for (const [service, party, call] of calls) {
          const deps: Partial<Deps> = { [party]: clients[party] }
          const refused = await refusalOf(call(parts.activities(deps)))
          assert.deepEqual([refused.type, refused.retried, refused.code], [...AWAY, 10003])
          assert.equal(refused.details.service, service)
          assert.match(refused.message, new RegExp(` answered ${status}`))
        }
        assert.deepEqual(await parts.activities({ inventory: clients.inventory }).rebackOrders([owing]), [])
        assert.deepEqual((await parts.orders.getOrder(owing.orderSn))?.owed, ['inventory'], 'what it did not take back')
      } finally {
        clients.close()
      }
    }

    it('is away, its activities fail as ServiceUnavailable, to be retried', async () => {
      await assertAway(`127.0.0.1:${await freePort()}`, 'UNAVAILABLE')
    })

    it('takes connections and never answers, they end with the deadline of the client', async () => {
      const sockets: Socket[] = []
      const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      try {
        await assertAway(`127.0.0.1:${(silent.address() as AddressInfo).port}`, 'DEADLINE_EXCEEDED')
      } finally {
        for (const socket of sockets) socket.destroy()
        silent.close()
      }
    })

    it('takes a call and never answers it, the call ends with the deadline of the client', async () => {
      const server = await listening(InventoryServiceService, { sell: () => {} })
      const clients = missing(server.address)
      try {
        const { sell } = parts.activities({ inventory: clients.inventory })
        const { orderSn } = await opened(asked())
        const refused = await refusalOf(sell({ orderSn, lines: LINES }))
        assert.deepEqual([refused.type, refused.retried], AWAY)
        assert.match(refused.message, /answered DEADLINE_EXCEEDED/)
      } finally {
        clients.close()
        server.stop()
      }
    })
  })

  function asked(): OrderRequest {
    const userId = ++users
    return { userId, requestId: 'first', address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: LINES }
  }

  async function opened(request: OrderRequest) {
    const opening = await activities.openOrder(request)
    assert.ok(opening.state === 'open')
    return opening
  }

  async function stocks() {
    return await Promise.all(LINES.map(({ goodsId }) => parts.stock.stock(goodsId)))
  }
})

async function refusalOf(call: Promise<unknown>) {
  const error = await call.then(
    (result) => assert.fail(`it answered ${JSON.stringify(result)}`),
    (error: unknown) => error,
  )
  const refused = failureIn(error)
  assert.ok(refused, String(error))
  return { ...refused, type: refused.type as FailureType, retried: (error as { nonRetryable?: boolean }).nonRetryable !== true }
}
