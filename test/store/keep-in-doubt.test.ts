import assert from 'node:assert/strict'
import { priceToday } from '../../composition/price-today.ts'
import { failure } from '../../contracts/failures.ts'
import type { OrderLine } from '../../contracts/order.ts'
import { carryOut } from '../../operators/carry-out.ts'
import { createProgram } from '../../operators/program.ts'
import { readAudit } from '../../store/audit.ts'
import { operatorDeps } from '../operators/operator-deps.ts'
import { Shop } from '../reconciliation/shop.ts'

const WHY = failure('OrderInDoubt', 'for a test')
const LINES = [
  { goodsId: 3, num: 2 },
  { goodsId: 7, num: 1 },
]
const PRICED: OrderLine[] = LINES.map((line) => ({ ...line, name: 'Goods', image: '', price: { amount: 150, currency: 'CNY' } }))
const ADA = { by: 'Ada', why: 'the warehouse has it packed' }

describe('an order in doubt that is kept', () => {
  let shop: Shop
  let users = 0

  before(async () => {
    shop = await Shop.open()
  })
  after(() => shop.close())

  it('is PAYING at the prices that are given, with a deadline, an audit trail, and the events of both', async () => {
    const { orderSn } = await inDoubt()
    const kept = await shop.orders.keepInDoubt({ orderSn, lines: PRICED, total: 450, ...ADA }, 60_000)
    assert.equal(kept.kind, 'kept')
    const order = (await shop.orders.getOrder(orderSn)) ?? assert.fail()
    assert.deepEqual([order.status, order.stockState, order.total], ['PAYING', 'sold', { amount: 450, currency: 'CNY' }])
    assert.deepEqual([order.lines, order.refusal, order.inDoubt], [PRICED, undefined, undefined])
    const left = Date.parse(order.payDeadline ?? '') - Date.parse(order.createdAt)
    assert.ok(left >= 60_000, String(left))
    const last = (await readAudit(shop.db, orderSn)).at(-1)
    assert.deepEqual(
      [last?.verb, last?.by, last?.why, last?.before, last?.after],
      [
        ...['resolve', 'Ada', 'sold, and kept: the warehouse has it packed'],
        ...[
          { status: 'IN_DOUBT', stockState: 'in_doubt' },
          { status: 'PAYING', stockState: 'sold' },
        ],
      ],
    )
    const events = await shop.db
      .selectFrom('order_events')
      .select(['type', 'payload'])
      .where('aggregateid', '=', orderSn)
      .orderBy('seq')
      .execute()
    assert.deepEqual(
      events.map(({ type }) => type),
      ['order.in_doubt', 'order.settled', 'order.created'],
    )
    const { payload } = events.at(-1) ?? assert.fail()
    assert.deepEqual((payload as { data?: { lines?: unknown } }).data?.lines, LINES)
  })

  it('leaves the cart without what it has ordered from it', async () => {
    const user = ++users
    for (const { goodsId, num } of [
      { goodsId: 3, num: 5 },
      { goodsId: 7, num: 1 },
    ]) {
      await shop.db.insertInto('cart_items').values({ user_id: user, goods_id: goodsId, num, checked: true }).execute()
    }
    const { orderSn } = await inDoubt({ userId: user, fromCart: true })
    const lines = [
      { ...(PRICED[0] as OrderLine), num: 5 },
      { ...(PRICED[1] as OrderLine), num: 1 },
    ]
    await shop.db.updateTable('cart_items').set({ num: 6 }).where('user_id', '=', user).where('goods_id', '=', 3).execute()
    assert.equal((await shop.orders.keepInDoubt({ orderSn, lines, total: 900, ...ADA })).kind, 'kept')
    const cart = await shop.db.selectFrom('cart_items').select(['goods_id', 'num']).where('user_id', '=', user).execute()
    assert.deepEqual(cart, [{ goods_id: 3, num: 1 }])
  })

  it('is not kept while its user has another order CREATING, nor with other goods: it stays as it was', async () => {
    const { orderSn, userId } = await inDoubt()
    const next = await opened({ userId })
    assert.deepEqual(await shop.orders.keepInDoubt({ orderSn, lines: PRICED, total: 450, ...ADA }), { kind: 'user-busy' })
    await shop.orders.voidOrders([{ orderSn: next, refusal: WHY }])
    const [first] = PRICED as [OrderLine]
    assert.deepEqual(await shop.orders.keepInDoubt({ orderSn, lines: [first], total: 300, ...ADA }), { kind: 'other-lines' })
    const order = (await shop.orders.getOrder(orderSn)) ?? assert.fail()
    assert.deepEqual([order.status, order.stockState, order.inDoubt, order.total], ['IN_DOUBT', 'in_doubt', LINES, undefined])
    assert.equal(order.refusal?.type, 'OrderInDoubt')
    assert.equal((await shop.orders.keepInDoubt({ orderSn, lines: PRICED, total: 450, ...ADA })).kind, 'kept')
  })

  it('is kept or closed by one of two operators, never both, and only if its Sell is in doubt', async () => {
    for (let i = 0; i < 10; i++) {
      const { orderSn } = await inDoubt()
      const [kept, closed] = await Promise.all([
        shop.orders.keepInDoubt({ orderSn, lines: PRICED, total: 450, ...ADA }),
        shop.orders.resolveInDoubt({ orderSn, verdict: 'sold', ...ADA }),
      ])
      assert.notEqual(kept.kind === 'kept', closed !== undefined)
      const order = await shop.orders.getOrder(orderSn)
      assert.equal(order?.status, kept.kind === 'kept' ? 'PAYING' : 'TRADE_CLOSED')
    }
    const { orderSn } = await inDoubt()
    await shop.orders.resolveInDoubt({ orderSn, verdict: 'sold', ...ADA })
    await shop.orders.markSent(orderSn, 'Reback')
    await shop.orders.doubtReback(orderSn)
    assert.equal((await shop.orders.getOrder(orderSn))?.stockState, 'in_doubt')
    assert.deepEqual(await shop.orders.keepInDoubt({ orderSn, lines: PRICED, total: 450, ...ADA }), { kind: 'not-in-doubt' })
  })

  it('costs what its goods cost today, and is refused if its buyer had agreed to another total', async () => {
    const { orderSn } = await inDoubt()
    const agreed = await inDoubt({ expectedTotal: { amount: 5_998, currency: 'CNY' } })
    assert.match(
      await orders('resolve', orderSn, '--sold', '--keep', '--by', 'Ada', '--why', 'seen'),
      /is PAYING, stock sold: 60\.00 CNY/,
    )
    await assert.rejects(
      orders('resolve', agreed.orderSn, '--sold', '--keep', '--by', 'Ada', '--why', 'seen'),
      /can't be kept at the prices of today \(the order came to 6000 .* agreed to 5998/,
    )
    assert.equal((await shop.orders.getOrder(agreed.orderSn))?.status, 'IN_DOUBT')
    await assert.rejects(
      orders('resolve', orderSn, '--sold', '--keep', '--by', 'Ada', '--why', 'seen'),
      /can't be kept: its Sell is not in doubt \(PAYING/,
    )
  })

  async function orders(...args: string[]): Promise<string> {
    const goods = {
      async batchGetGoods(ids: number[]) {
        const [stocks, rest] = [9, { goodsSn: '', marketPrice: 0, goodsBrief: '', goodsDesc: '', images: [], descImages: [] }]
        const flags = { status: 1, isHot: false, isNew: false, onSale: true, shipFree: false, brandId: 0, categoryIds: [] }
        return ids.map((id) => ({ id, name: `Goods ${id}`, goodsFrontImage: '', shopPrice: 20, stocks, ...rest, ...flags }))
      },
    }
    let text = ''
    const deps = { ...operatorDeps(shop), priceToday: priceToday(goods, { currency: 'CNY', freeGoods: false }) }
    await createProgram(
      async (asked) => await carryOut(deps, asked),
      (shown) => {
        text = shown.text
      },
    ).parseAsync(args, { from: 'user' })
    return text
  }

  interface Asked {
    userId?: number
    fromCart?: boolean
    expectedTotal?: { amount: number; currency: string }
  }

  async function opened({ userId = ++users, fromCart = false, expectedTotal }: Asked): Promise<string> {
    const orderSn = `KEPT${userId}X${++made}`
    await shop.orders.openOrders([
      {
        ...{ orderSn, userId, requestId: orderSn, fingerprint: 'f', workflowId: 'w', keyed: false },
        ...{ address: '1 Test Street', name: 'Somebody', mobile: '0100' },
        ...(!fromCart && { lines: LINES }),
        ...(expectedTotal && { expectedTotal }),
      },
    ])
    return orderSn
  }

  let made = 0
  async function inDoubt(asked: Asked = {}): Promise<{ orderSn: string; userId: number }> {
    const userId = asked.userId ?? ++users
    const orderSn = await opened({ ...asked, userId })
    await shop.orders.markSent(orderSn, 'Sell')
    await shop.orders.voidOrders([{ orderSn, refusal: WHY }])
    assert.equal((await shop.orders.getOrder(orderSn))?.status, 'IN_DOUBT')
    return { orderSn, userId }
  }
})
