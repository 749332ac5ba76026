import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import type { OrderLine } from '../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { type CartStore, cartStore } from '../../store/cart-store.ts'
import { type Confirmation, confirmOrders } from '../../store/confirm-orders.ts'
import type { Database } from '../../store/database.ts'
import { type OpenIntent, openOrders } from '../../store/open-orders.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { voidOrders } from '../../store/void-orders.ts'
import { connectTestStore } from '../support/test-store.ts'
import { againstRival } from './rivals.ts'

const WHY = failure('OrderTimedOut', 'for a test')
const GOODS = 7

describe('the locks of the order store', () => {
  let db: Database
  let orders: OrderStore
  let carts: CartStore
  let users = 0

  before(async () => {
    db = await connectTestStore()
    orders = orderStore(db)
    carts = cartStore(db)
  })
  after(() => db.destroy())

  for (const [left, ordered] of [
    [0, undefined],
    [2, [{ goodsId: GOODS, num: 2 }]],
  ] as const) {
    it(`open an order of what a confirmation at the same time leaves in the cart: ${left} pieces, nothing twice`, async () => {
      const first = fromCart()
      await put(first.userId, 3)
      await orders.openOrders([first])
      await put(first.userId, 3 + left)
      const second = fromCart(first.userId)
      const [opened] = await againstRival(db, {
        rival: (trx) => confirmOrders(trx, [confirmationOf(first, 3)]),
        ours: () => orders.openOrders([second]),
      })
      assert.equal(opened?.order.refusal?.type, ordered ? undefined : 'EmptyCart')
      assert.deepEqual(opened?.lines, ordered ?? [])
    })
  }

  for (const [edited, left] of [
    [9, [{ goodsId: GOODS, num: 6, checked: true }]],
    [4, [{ goodsId: GOODS, num: 1, checked: true }]],
    [3, []],
  ] as const) {
    it(`take an order of 3 out of the cart as its user changes it to ${edited} at that moment`, async () => {
      for (const before of [3, 5]) {
        const order = fromCart()
        await put(order.userId, 3)
        await orders.openOrders([order])
        await put(order.userId, before)
        await againstRival(db, {
          rival: (trx) => cartStore(trx).put(order.userId, { goodsId: GOODS, num: edited, checked: true }),
          ours: () => orders.confirmOrders([confirmationOf(order, 3)]),
        })
        const found = (await carts.list(order.userId)).map(({ id: _, ...one }) => one)
        assert.deepEqual(found, left, `${before} before`)
      }
    })
  }

  it('keep a cart at 1,000 goods, whoever puts the last ones at the same time', async () => {
    const userId = ++users
    const item = (goodsId: number) => ({ goodsId, num: 1, checked: true })
    const first = Array.from({ length: 999 }, (_, i) => ({ user_id: userId, goods_id: i + 1, num: 1, checked: true }))
    await db.insertInto('cart_items').values(first).execute()
    const answer = await againstRival(db, {
      rival: (trx) => cartStore(trx).put(userId, item(1_000)),
      ours: () => carts.put(userId, item(1_001)),
    })
    assert.deepEqual([answer.kind, (await carts.list(userId)).length], ['full', 1_000])
    const crowd = await Promise.all(Array.from({ length: 20 }, (_, i) => carts.put(userId, item(2_000 + i))))
    assert.deepEqual([new Set(crowd.map(({ kind }) => kind)), (await carts.list(userId)).length], [new Set(['full']), 1_000])
    assert.equal((await carts.put(userId, { ...item(7), num: 9 })).kind, 'inCart')
    assert.equal((await carts.get(userId, 7))?.num, 9)
  })

  describe('are taken in one order by every statement, whatever the order of its arguments and rows', () => {
    it('opening: by order number', async () => {
      const [low, ...others] = crowdOf(withLines)
      const asked = [low, ...others].reverse()
      const opened = await againstRival(db, {
        rival: (trx) => openOrders(trx, [low]),
        ours: () => orders.openOrders(asked),
        meanwhile: (trx) => openOrders(trx, others),
      })
      assert.deepEqual(
        opened.map(({ order, inserted }) => [order.orderSn, inserted]),
        asked.map(({ orderSn }) => [orderSn, false]),
      )
    })

    it('opening: carts by user, and before any order', async () => {
      const named = withLines()
      const [low, ...others] = byUser(crowdOf(fromCart))
      for (const { userId } of [low, ...others].reverse()) await put(userId, 1)
      await againstRival(db, {
        rival: (trx) => lockCarts(trx, [low]),
        ours: () => orders.openOrders([low, ...others, named].reverse()),
        meanwhile: async (trx) => {
          await lockCarts(trx, others)
          await openOrders(trx, [named])
        },
      })
    })

    it('confirming: carts by user, and before any order', async () => {
      const [low, ...others] = byUser(crowdOf(fromCart))
      const asked = [low, ...others].reverse()
      for (const { userId } of asked) await put(userId, 1)
      for (const one of asked) await orders.openOrders([one])
      await againstRival(db, {
        rival: (trx) => lockCarts(trx, [low]),
        ours: () => orders.confirmOrders(asked.map((one) => confirmationOf(one, 1))),
        meanwhile: async (trx) => {
          await lockCarts(trx, others)
          await lockOrders(trx, asked)
        },
      })
    })

    for (const what of ['opening', 'confirming']) {
      it(`${what}: the goods of a cart by their ids`, async () => {
        const order = fromCart()
        const goods = Array.from({ length: 12 }, (_, i) => i + 1)
        for (const goodsId of [...goods].reverse()) await carts.put(order.userId, { goodsId, num: 1, checked: true })
        if (what === 'confirming') await orders.openOrders([order])
        const lines = goods.flatMap((goodsId) => confirmationOf(order, 1).lines.map((line) => ({ ...line, goodsId })))
        await againstRival(db, {
          rival: (trx) => lockCarts(trx, [order], [1]),
          ours: (): Promise<unknown> =>
            what === 'confirming'
              ? orders.confirmOrders([{ ...confirmationOf(order, 1), lines: lines.reverse() }])
              : orders.openOrders([order]),
          meanwhile: (trx) => lockCarts(trx, [order], goods.slice(1)),
        })
      })
    }

    for (const [what, run] of [
      ['confirming', (asked) => orders.confirmOrders(asked.map((one) => confirmationOf(one, 1)))],
      ['voiding', (asked) => orders.voidOrders(asked.map(voiding))],
      ['recording what was given back', (asked) => orders.markReturned(asked.map(({ orderSn }) => orderSn))],
    ] as [string, (asked: OpenIntent[]) => Promise<unknown>][]) {
      it(`${what}: by order number`, async () => {
        const [low, ...others] = crowdOf(withLines)
        const asked = [low, ...others].reverse()
        for (const one of asked) await orders.openOrders([one])
        if (what.startsWith('recording')) for (const one of asked) await orders.voidOrders([voiding(one)])
        await againstRival(db, {
          rival: (trx) => lockOrders(trx, [low]),
          ours: () => run(asked),
          meanwhile: (trx) => lockOrders(trx, others),
        })
      })
    }

    it('voiding what is not there: by order number', async () => {
      const [low, ...others] = crowdOf(withLines)
      await againstRival(db, {
        rival: (trx) => voidOrders(trx, [voiding(low)]),
        ours: () => orders.voidOrders([low, ...others].reverse().map(voiding)),
        meanwhile: (trx) => voidOrders(trx, others.map(voiding)),
      })
    })
  })

  /** Enough orders, of distinct users, that none of PostgreSQL's ways through them meets the lowest first by chance; by order number. */
  function crowdOf(one: () => OpenIntent): [OpenIntent, ...OpenIntent[]] {
    const [first = one(), ...others] = Array.from({ length: 12 }, () => one()).sort((a, b) => (a.orderSn < b.orderSn ? -1 : 1))
    return [first, ...others]
  }

  function byUser(crowd: OpenIntent[]): [OpenIntent, ...OpenIntent[]] {
    return crowd.sort((a, b) => a.userId - b.userId) as [OpenIntent, ...OpenIntent[]]
  }

  function withLines(): OpenIntent {
    return intentOf({ lines: [{ goodsId: GOODS, num: 1 }] })
  }

  function fromCart(userId = ++users): OpenIntent {
    return intentOf({ userId })
  }

  function intentOf(part: Partial<OpenIntent>): OpenIntent {
    const userId = ++users
    const request = { userId, requestId: `request ${users}`, address: '1 Test Street', name: 'Somebody', mobile: '0100', ...part }
    return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }
  }

  async function put(userId: number, num: number): Promise<void> {
    await carts.put(userId, { goodsId: GOODS, num, checked: true })
  }

  function confirmationOf({ orderSn }: OpenIntent, num: number): Confirmation {
    const line: OrderLine = { goodsId: GOODS, name: 'goods', image: '/goods.png', price: { amount: 199, currency: 'CNY' }, num }
    return { orderSn, total: 199 * num, lines: [line] }
  }

  function voiding(intent: OpenIntent) {
    return { orderSn: intent.orderSn, refusal: WHY, request: intent }
  }
})

async function lockOrders(db: Database, orders: OpenIntent[]): Promise<void> {
  await sql`select 1 from orders where order_sn = any(${orders.map(({ orderSn }) => orderSn)}) for update`.execute(db)
}

async function lockCarts(db: Database, orders: OpenIntent[], goodsIds = [GOODS]): Promise<void> {
  const userIds = orders.map(({ userId }) => userId)
  await sql`select 1 from cart_items where user_id = any(${userIds}) and goods_id = any(${goodsIds}) for update`.execute(db)
}
