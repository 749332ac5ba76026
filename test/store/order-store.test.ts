import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import type { OrderLine } from '../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { type CartStore, cartStore } from '../../store/cart-store.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import type { OpenIntent } from '../../store/open-orders.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { testDatabase } from '../support/postgres.ts'
import { connectPatiently, withAccounts } from '../support/test-store.ts'

const WHY = failure('OrderTimedOut', 'for a test')

describe('the order store', () => {
  let db: Database
  let app: Database
  let orders: OrderStore
  let carts: CartStore
  let users = 0

  before(async () => {
    const url = await testDatabase()
    db = connectPatiently(url)
    const files = (await readdir('store/migrations')).filter((name) => /^\d{4}-/.test(name))
    const applied = await migrate(db)
    assert.deepEqual(applied.slice(0, files.length), files.map((name) => name.replace('.ts', '')).sort())
    app = connectPatiently((await withAccounts(url)).app, { max: 30 })
    orders = orderStore(app)
    carts = cartStore(app)
  })

  after(() => Promise.all([app.destroy(), db.destroy()]))

  it('is migrated once, however often it is asked', async () => {
    assert.deepEqual(await migrate(db), [])
  })

  describe('opening', () => {
    it('records the intent, and says that it did', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 2 }] })
      const [opened] = await orders.openOrders([intent])
      assert.equal(opened?.inserted, true)
      assert.equal(opened.order.status, 'CREATING')
      assert.equal(opened.order.stockState, 'selling')
      assert.deepEqual(opened.lines, [{ goodsId: 1, num: 2 }])
    })

    it('finds the same order again, and says that it did not insert it', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 2 }] })
      await orders.openOrders([intent])
      const [again] = await orders.openOrders([intent])
      assert.equal(again?.inserted, false)
      assert.equal(again.order.status, 'CREATING')
      assert.deepEqual(again.lines, [{ goodsId: 1, num: 2 }])
    })

    it('takes the checked cart rows if no lines are given', async () => {
      const intent = asked({})
      await carts.put(intent.userId, { goodsId: 9, num: 1, checked: true })
      await carts.put(intent.userId, { goodsId: 3, num: 4, checked: true })
      await carts.put(intent.userId, { goodsId: 5, num: 7, checked: false })
      const [opened] = await orders.openOrders([intent])
      assert.deepEqual(opened?.lines, [
        { goodsId: 3, num: 4 },
        { goodsId: 9, num: 1 },
      ])
    })

    it('refuses an empty cart for good: the same key is refused again when the cart has been filled', async () => {
      const intent = asked({})
      const [first] = await orders.openOrders([intent])
      assert.equal(first?.order.status, 'TRADE_CLOSED')
      assert.equal(first.order.refusal?.type, 'EmptyCart')
      assert.equal(first.order.stockState, 'none')
      await carts.put(intent.userId, { goodsId: 1, num: 1, checked: true })
      const [again] = await orders.openOrders([intent])
      assert.deepEqual(again?.order.refusal, first.order.refusal)
    })

    it('refuses a second order of a user while one is being created, and keeps to it when that one is done', async () => {
      const first = asked({ lines: [{ goodsId: 1, num: 1 }] })
      const second = asked({ userId: first.userId, lines: [{ goodsId: 2, num: 1 }] })
      await orders.openOrders([first])
      const [refused] = await orders.openOrders([second])
      assert.equal(refused?.order.refusal?.type, 'OrderInProgress')
      assert.deepEqual(refused.lines, [], 'nothing is to be sold for it')
      await confirm(first)
      const [again] = await orders.openOrders([second])
      assert.equal(again?.order.refusal?.type, 'OrderInProgress')
      const [third] = await orders.openOrders([asked({ userId: first.userId, lines: [{ goodsId: 2, num: 1 }] })])
      assert.equal(third?.order.status, 'CREATING')
    })

    it('answers a batch in the order of its intents, each by its own fate', async () => {
      const known = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([known])
      const batch = [asked({ lines: [{ goodsId: 1, num: 1 }] }), asked({}), known, asked({ userId: known.userId })]
      await carts.put(known.userId, { goodsId: 1, num: 1, checked: true })
      const opened = await orders.openOrders(batch)
      assert.deepEqual(
        opened.map(({ order, inserted }) => [order.status, order.refusal?.type, inserted]),
        [
          ['CREATING', undefined, true],
          ['TRADE_CLOSED', 'EmptyCart', true],
          ['CREATING', undefined, false],
          ['TRADE_CLOSED', 'OrderInProgress', true],
        ],
      )
    })

    it('opens one of fifty equal requests that come at once, and gives all the same row', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      const opened = (await Promise.all(Array.from({ length: 50 }, () => orders.openOrders([intent])))).flat()
      assert.equal(opened.filter(({ inserted }) => inserted).length, 1)
      assert.ok(opened.every(({ order }) => order.status === 'CREATING'))
    })

    it('never orders the same cart twice, while orders of one user are opened and confirmed at once', async () => {
      for (let round = 0; round < 10; round++) {
        const { userId } = asked({})
        await carts.put(userId, { goodsId: 7, num: 3, checked: true })
        const sold = await Promise.all(
          Array.from({ length: 20 }, async (_, i) => {
            await new Promise((resolve) => setTimeout(resolve, i % 7))
            const intent = asked({ userId })
            const [opened] = await orders.openOrders([intent])
            return opened?.order.status === 'CREATING' ? (await confirm(intent))?.lines.reduce((n, { num }) => n + num, 0) : 0
          }),
        )
        assert.equal(
          sold.reduce<number>((sum, n) => sum + (n ?? 0), 0),
          3,
        )
        assert.deepEqual(await carts.list(userId), [])
      }
    })

    it('takes batches in opposite order at once without losing one to a deadlock', async () => {
      for (let round = 0; round < 10; round++) {
        const batch = Array.from({ length: 30 }, () => asked({ lines: [{ goodsId: 1, num: 1 }] }))
        const answers = await Promise.all([batch, [...batch].reverse(), batch].map((b) => orders.openOrders(b)))
        for (const opened of answers) assert.ok(opened.every(({ order }) => order.status === 'CREATING'))
        assert.equal(answers.flat().filter(({ inserted }) => inserted).length, batch.length)
      }
    })
  })

  describe('confirming', () => {
    it('keeps the currency in which its lines were priced, whatever that of an order before', async () => {
      for (const currency of ['CNY', 'JPY', 'KWD']) {
        const intent = asked({ lines: [{ goodsId: 1, num: 2 }] })
        await orders.openOrders([intent])
        const lines = [{ ...priced(1, 2, 1_500), price: { amount: 1_500, currency } }]
        assert.deepEqual((await confirmLines(intent, lines)).total, { amount: 3_000, currency })
        const stored = await orders.getOrder(intent.orderSn)
        assert.deepEqual([stored?.total, stored?.lines], [{ amount: 3_000, currency }, lines])
      }
    })

    it('makes the order PAYING with its priced lines, and takes what was ordered out of the cart', async () => {
      const intent = asked({})
      await carts.put(intent.userId, { goodsId: 1, num: 5, checked: true })
      await carts.put(intent.userId, { goodsId: 2, num: 1, checked: true })
      await orders.openOrders([intent])
      // The user goes on shopping meanwhile: what was added since stays.
      await carts.put(intent.userId, { goodsId: 1, num: 6, checked: true })
      const order = await confirmLines(intent, [priced(1, 5), priced(2, 1)])
      assert.equal(order?.status, 'PAYING')
      assert.equal(order.stockState, 'sold')
      assert.deepEqual(order.total, { amount: 6 * 199, currency: 'CNY' })
      assert.deepEqual(order.lines, [priced(1, 5), priced(2, 1)])
      const minutes = (Date.parse(order.payDeadline ?? '') - Date.now()) / 60_000
      assert.ok(minutes > 25 && minutes < 35)
      assert.deepEqual(await cartOf(intent.userId), [{ goodsId: 1, num: 1, checked: true }])
    })

    it('leaves the cart alone if the order named its lines itself', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await carts.put(intent.userId, { goodsId: 1, num: 5, checked: true })
      await orders.openOrders([intent])
      await confirm(intent)
      assert.deepEqual(await cartOf(intent.userId), [{ goodsId: 1, num: 5, checked: true }])
    })

    it('answers a repeat with what the store holds, not with what the repeat says', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([intent])
      const first = await confirmLines(intent, [priced(1, 1)])
      const again = await confirmLines(intent, [priced(1, 1, 999)])
      assert.deepEqual(again, first)
      assert.deepEqual(await orders.getOrder(intent.orderSn), first)
    })

    it('says how long the order took, to the one call that confirmed it', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([intent])
      await db
        .updateTable('orders')
        .set({ created_at: sql<Date>`created_at - interval '5 s'` })
        .where('order_sn', '=', intent.orderSn)
        .execute()
      const confirmation = { orderSn: intent.orderSn, total: 199, lines: [priced(1, 1)] }
      const took = async () => (await orders.confirmOrders([confirmation])).map(({ tookSeconds }) => tookSeconds)
      const [seconds = 0] = await took()
      assert.ok(seconds >= 5, `${seconds} s`)
      assert.deepEqual(await took(), [undefined])
    })

    it('comes too late for an order that was voided', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([intent])
      await orders.voidOrders([{ orderSn: intent.orderSn, refusal: WHY, request: intent }])
      const order = await confirm(intent)
      assert.equal(order?.status, 'TRADE_CLOSED')
      assert.equal(order.total, undefined)
      assert.deepEqual(order.lines, [])
    })
  })

  describe('voiding', () => {
    it('closes an order that is being created, with the reason, and owes a Reback, whoever may have sold', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([intent])
      const voided = await voidOrder(intent)
      assert.equal(voided.outcome, 'CLOSED_NOW')
      assert.equal(voided.order?.stockState, 'returning')
      assert.deepEqual(voided.order.refusal, WHY)
      assert.deepEqual(voided.lines, intent.lines)
      assert.deepEqual(await orders.markReturned([intent.orderSn]), [intent.orderSn])
      assert.equal((await orders.getOrder(intent.orderSn))?.stockState, 'returned')
      assert.deepEqual(await orders.markReturned([intent.orderSn]), [], 'it was owed once')
    })

    it('lets a confirmed order stand', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([intent])
      const confirmed = await confirm(intent)
      const voided = await voidOrder(intent)
      assert.equal(voided.outcome, 'CONFIRMED')
      assert.deepEqual(voided.order, confirmed)
      for (const status of ['TRADE_SUCCESS', 'TRADE_CLOSED'] as const) {
        await db.updateTable('orders').set({ status }).where('order_sn', '=', intent.orderSn).execute()
        assert.equal((await voidOrder(intent)).outcome, 'CONFIRMED', `${status}, which the shop made of it since`)
      }
    })

    it('leaves a closed row if there is none, so that a late open finds it', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      const voided = await voidOrder(intent)
      assert.equal(voided.outcome, 'ABSENT')
      assert.equal(voided.order?.stockState, 'returning', 'its Sell may be on its way: a Reback has to leave its tombstone')
      const [late] = await orders.openOrders([intent])
      assert.equal(late?.order.status, 'TRADE_CLOSED')
      assert.equal(late.inserted, false)
      assert.deepEqual(late.order.refusal, WHY)
    })

    it('says which orders were closed before, and keeps their first reason', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([intent])
      await voidOrder(intent)
      const [again] = await orders.voidOrders([
        { orderSn: intent.orderSn, refusal: failure('OrderCancelled', 'later'), request: intent },
      ])
      assert.equal(again?.outcome, 'ALREADY_CLOSED')
      assert.deepEqual(again.order?.refusal, WHY)
    })

    it("leaves another request's order under the same key alone", async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      await orders.openOrders([intent])
      const voided = await voidOrder({ ...intent, fingerprint: 'another' })
      assert.equal(voided.outcome, 'FOREIGN')
      assert.equal((await orders.getOrder(intent.orderSn))?.status, 'CREATING')
    })

    it('by number alone judges a known order, and invents none', async () => {
      const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
      const bare = { orderSn: intent.orderSn, refusal: WHY }
      assert.deepEqual(await orders.voidOrders([bare]), [{ orderSn: intent.orderSn, outcome: 'ABSENT', lines: [] }])
      assert.equal(await orders.getOrder(intent.orderSn), undefined)
      await orders.openOrders([intent])
      assert.equal((await orders.voidOrders([bare]))[0]?.outcome, 'CLOSED_NOW')
    })

    it('against a confirmation at the same time: exactly one of them wins', async () => {
      for (let round = 0; round < 30; round++) {
        const intent = asked({ lines: [{ goodsId: 1, num: 1 }] })
        await orders.openOrders([intent])
        const [voided, confirmed] = await Promise.all([voidOrder(intent), confirm(intent)])
        assert.equal(voided.outcome === 'CONFIRMED', confirmed?.status === 'PAYING')
      }
    })
  })

  it('finds orders that were left unsettled, and no others', async () => {
    const { left, owed, done } = await leftOwedAndDone()
    const found = (await orders.findUnsettled(0, 1_000)).map(({ orderSn }) => orderSn)
    assert.ok(found.includes(left.orderSn) && found.includes(owed.orderSn) && !found.includes(done.orderSn))
    assert.deepEqual(await orders.findUnsettled(60_000, 1_000), [])
  })

  it('finds those that lock their user before those that owe a Reback, of which each has its turn', async () => {
    const { owed } = await leftOwedAndDone()
    const alsoOwed = asked({ lines: [{ goodsId: 1, num: 1 }] })
    await orders.openOrders([alsoOwed])
    await voidOrder(alsoOwed)
    const creating = await db.selectFrom('orders').select('order_sn').where('status', '=', 'CREATING').execute()
    const turns = new Set<string>()
    for (let look = 0; look < 1_000 && !(turns.has(owed.orderSn) && turns.has(alsoOwed.orderSn)); look++) {
      const found = (await orders.findUnsettled(0, creating.length + 1)).map(({ orderSn }) => orderSn)
      assert.deepEqual(found.slice(0, -1).sort(), creating.map(({ order_sn }) => order_sn).sort())
      turns.add(found.at(-1) ?? '')
    }
    assert.ok(turns.has(owed.orderSn) && turns.has(alsoOwed.orderSn))
  })

  it('counts the orders that are unsettled for long, and no further than it is asked to', async () => {
    const before = await orders.countUnsettled(0, 1_000)
    await leftOwedAndDone()
    assert.equal(await orders.countUnsettled(0, 1_000), before + 2)
    assert.equal(await orders.countUnsettled(0, 1), 1)
    assert.equal(await orders.countUnsettled(60_000, 1_000), 0)
  })

  it('counts the orders that are being compensated: closed ones that owe a Reback, and open ones whose time is over', async () => {
    const before = await orders.inCompensation()
    const [young, old, owed, done] = [1, 2, 3, 4].map(() => asked({ lines: [{ goodsId: 1, num: 1 }] })) as [
      OpenIntent,
      OpenIntent,
      OpenIntent,
      OpenIntent,
    ]
    await orders.openOrders([young, old, owed, done])
    for (const intent of [owed, done]) await voidOrder(intent)
    await orders.markReturned([done.orderSn])
    assert.equal((await orders.inCompensation()).orders, before.orders + 1)
    const ago = sql<Date>`now() - interval '1 hour'`
    await db.updateTable('orders').set({ updated_at: ago }).where('order_sn', '=', old.orderSn).execute()
    const { orders: count, oldestSeconds } = await orders.inCompensation()
    assert.equal(count, before.orders + 2)
    assert.ok(oldestSeconds >= 3_600 && oldestSeconds < 3_700, `${oldestSeconds} s`)
  })

  /** One that its run left, one that owes a Reback, one that is confirmed. */
  async function leftOwedAndDone() {
    const lines = [{ goodsId: 1, num: 1 }]
    const [left, owed, done] = [asked({ lines }), asked({ lines }), asked({ lines })]
    await orders.openOrders([left, owed, done])
    await voidOrder(owed)
    await confirm(done)
    return { left, owed, done }
  }

  /** The items of a cart, without the integers that name their rows. */
  async function cartOf(userId: number) {
    return (await carts.list(userId)).map(({ id: _, ...item }) => item)
  }

  function asked(part: Partial<OpenIntent>): OpenIntent {
    const request = {
      userId: ++users,
      requestId: `request ${++users}`,
      address: '1 Test Street',
      name: 'Somebody',
      mobile: '0100',
      ...part,
    }
    return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }
  }

  async function voidOrder(intent: OpenIntent) {
    const [voided] = await orders.voidOrders([{ orderSn: intent.orderSn, refusal: WHY, request: intent }])
    assert.ok(voided)
    return voided
  }

  async function confirm(intent: OpenIntent) {
    const lines = intent.lines ?? (await orders.openOrders([intent]))[0]?.lines ?? []
    return await confirmLines(
      intent,
      lines.map(({ goodsId, num }) => priced(goodsId, num)),
    )
  }

  async function confirmLines({ orderSn }: OpenIntent, lines: OrderLine[]) {
    const total = lines.reduce((sum, { price, num }) => sum + price.amount * num, 0)
    const [answer] = await orders.confirmOrders([{ orderSn, total, lines }])
    assert.ok(answer)
    const { tookSeconds: _, ...order } = answer
    return order
  }

  function priced(goodsId: number, num: number, amount = 199): OrderLine {
    return { goodsId, name: `goods ${goodsId}`, image: `/${goodsId}.png`, price: { amount, currency: 'CNY' }, num }
  }
})
