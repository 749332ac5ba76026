import assert from 'node:assert/strict'
import { Metadata } from '@grpc/grpc-js'
import { sql } from 'kysely'
import { failureIn } from '../../contracts/application-failure.ts'
import { ANYBODY } from '../../contracts/caller.ts'
import { failure } from '../../contracts/failures.ts'
import { OrderFilterRequest, OrderRequest } from '../../proto/generated/order.ts'
import { CreateMethod } from '../../rpc/create-method.ts'
import { OrderQueries } from '../../rpc/order-queries.ts'
import { refundsOwed } from '../../store/life/refunds.ts'
import { SharedReads } from '../../store/shared-reads.ts'
import { confirmIn, openIn } from '../support/placed-order.ts'
import { type Door, openDoor } from './door.ts'
import { refused } from './refused.ts'

const BUYER = { address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000' }
const NOT_FOUND: ['NOT_FOUND', string, string] = ['NOT_FOUND', '订单不存在', 'OrderNotFound']
const NO_SUCH_MOVE: ['FAILED_PRECONDITION', string, string] = ['FAILED_PRECONDITION', '无效的状态转换', 'MoveNotAllowed']

describe('orders over gRPC', () => {
  let door: Door
  let users = 0

  before(async () => {
    door = await openDoor()
  })
  after(() => door.close())

  describe('OrderCreate', () => {
    it('orders the checked rows of the cart, at the prices of the shop, and takes them out of it', async () => {
      const userId = ++users
      await door.call('cartItemAdd', { userId, goodsId: 3, nums: 2 })
      const kept = await door.call('cartItemAdd', { userId, goodsId: 4, nums: 1 })
      await door.call('cartItemUpdate', { id: kept.id, checked: false })
      const order = await door.call('orderCreate', { userId, ...BUYER, post: 'ring twice' })
      const { id, orderSn } = order
      assert.ok(id > 0)
      assert.deepEqual(order, {
        ...{ id, userId, orderSn, payType: 'alipay', status: 'PAYING', post: 'ring twice', total: Math.fround(39.98) },
        ...BUYER,
      })
      const { cartItems } = await door.call('cartItemList', { id: userId })
      assert.deepEqual(
        cartItems.map(({ goodsId }) => goodsId),
        [4],
      )
      const { orderInfo, goods } = await door.call('orderDetail', { id, userId })
      assert.deepEqual(orderInfo, order)
      assert.ok((goods[0]?.id ?? 0) > 0)
      assert.deepEqual(goods, [
        {
          ...{ id: goods[0]?.id, orderId: id, goodsId: 3, goodsName: 'goods 3', goodsImage: 'https://shop.example/3.png' },
          ...{ goodsPrice: Math.fround(19.99), nums: 2 },
        },
      ])
    })

    it('has its integer from the result of its run; the store is asked for it only if that lacks it, as an older worker leaves it', async () => {
      const userId = await withCart()
      const order = await door.call('orderCreate', { userId, ...BUYER })
      const { id, orderSn } = order
      assert.deepEqual(door.idsAsked, [])
      const total = { amount: 1_999, currency: 'CNY' }
      const result = { orderSn, status: 'PAYING' as const, total, payDeadline: '2030-01-01T00:30:00.000Z', lines: [] }
      door.shop.outcome = { kind: 'created', result }
      const other = await door.call('orderCreate', { userId, ...BUYER }, { metadata: { 'idempotency-key': 'older worker' } })
      door.shop.outcome = undefined
      assert.deepEqual([other.id, other.orderSn], [id, orderSn])
      assert.deepEqual(door.idsAsked, [orderSn])
    })

    it('is one order for one idempotency-key, whatever becomes of the cart', async () => {
      const userId = await withCart()
      const options = { metadata: { 'idempotency-key': 'check-out-1' } }
      const first = await door.call('orderCreate', { userId, ...BUYER }, options)
      assert.deepEqual(await door.call('orderCreate', { userId, ...BUYER }, options), first, 'the cart is empty by now')
      await refused(
        door,
        'orderCreate',
        { userId, ...BUYER, address: 'elsewhere' },
        ['FAILED_PRECONDITION', '该请求标识已用于其他订单', 'IdempotencyKeyReused'],
        options,
      )
      const bad = { metadata: { 'idempotency-key': 'k'.repeat(129) } }
      await refused(door, 'orderCreate', { userId, ...BUYER }, ['INVALID_ARGUMENT', '请求参数无效', 'InvalidInput'], bad)
    })

    it('refuses in the words of the original', async () => {
      const userId = ++users
      const invalid = (text: string): ['INVALID_ARGUMENT', string, string] => ['INVALID_ARGUMENT', text, 'InvalidInput']
      await refused(door, 'orderCreate', BUYER, invalid('用户ID必须大于0'))
      await refused(door, 'orderCreate', { userId, ...BUYER, address: '' }, invalid('收货地址不能为空'))
      await refused(door, 'orderCreate', { userId, ...BUYER, address: ' ' }, invalid('收货地址不能为空'))
      await refused(door, 'orderCreate', { userId, ...BUYER, name: '' }, invalid('收货人姓名不能为空'))
      await refused(door, 'orderCreate', { userId, ...BUYER, mobile: '' }, invalid('收货人手机不能为空'))
      await refused(door, 'orderCreate', { userId, ...BUYER, mobile: '1'.repeat(99) }, invalid('请求参数无效'))
      const empty: ['FAILED_PRECONDITION', string, string] = ['FAILED_PRECONDITION', '购物车中没有选中的商品', 'EmptyCart']
      await refused(door, 'orderCreate', { userId, ...BUYER }, empty)
      await openIn(door.orders, userId)
      await door.call('cartItemAdd', { userId, goodsId: 3, nums: 1 })
      const busy: ['RESOURCE_EXHAUSTED', string, string] = [
        'RESOURCE_EXHAUSTED',
        '正在处理其他订单，请稍后重试',
        'OrderInProgress',
      ]
      await refused(door, 'orderCreate', { userId, ...BUYER }, busy)
    })

    it('names short stock and missing goods as the original does', async () => {
      const userId = ++users
      for (const [type, expected] of [
        ['InsufficientStock', ['FAILED_PRECONDITION', '商品库存不足']],
        ['GoodsNotFound', ['NOT_FOUND', '商品不存在']],
        ['GoodsOffSale', ['FAILED_PRECONDITION', '商品已下架']],
        ['UserNotFound', ['NOT_FOUND', '用户不存在']],
      ] as const) {
        door.shop.outcome = { kind: 'refused', refused: failure(type, 'no', { goodsIds: [3, 4] }) }
        const { goodsIds } = await refused(door, 'orderCreate', { userId, ...BUYER }, [...expected, type])
        assert.equal(goodsIds, '3,4')
      }
      const many = Array.from({ length: 1_000 }, (_, i) => 2_000_000_000 + i)
      door.shop.outcome = { kind: 'refused', refused: failure('InsufficientStock', 'no', { goodsIds: many }) }
      const short: ['FAILED_PRECONDITION', string, string] = ['FAILED_PRECONDITION', '商品库存不足', 'InsufficientStock']
      const { goodsIds } = await refused(door, 'orderCreate', { userId, ...BUYER }, short)
      assert.equal(goodsIds, many.slice(0, 100).join(','), 'no more than trailers can hold')
      door.shop.outcome = undefined
    })

    it('never says that an order failed whose fate is open: it names the order, in time', async () => {
      const userId = await withCart()
      door.shop.outcome = { kind: 'open' }
      const open: ['DEADLINE_EXCEEDED', string, string] = [
        'DEADLINE_EXCEEDED',
        '订单仍在处理中，可能稍后创建成功，请稍后查看订单，请勿重复下单',
        'OrderPending',
      ]
      const options = { deadlineMs: 3_000, metadata: { 'idempotency-key': 'open-1' } }
      const { orderSn } = await refused(door, 'orderCreate', { userId, ...BUYER }, open, options)
      assert.equal(orderSn, door.orderSnOf({ userId, requestId: 'open-1' }))
      assert.equal((await door.orders.getOrder(orderSn))?.status, 'CREATING', 'whoever looks for it finds it')
      door.shop.outcome = undefined
    })

    it('is answered in time even if nobody knows anything yet; whatever comes to be known later ends no process', async () => {
      let fail: (error: Error) => void = () => {}
      const creation = new CreateMethod({
        intake: {
          place: () =>
            new Promise((_, reject) => {
              fail = reject
            }),
        },
        ids: new SharedReads(1, async () => new Map()),
        waitMs: 1,
      })
      const request = OrderRequest.decode(Buffer.alloc(0))
      const call = { caller: ANYBODY, metadata: new Metadata(), deadline: Date.now() + 300 }
      await assert.rejects(
        creation.create({ ...request, userId: 1, ...BUYER }, call),
        (error) => failureIn(error)?.type === 'OrderPending',
      )
      fail(new Error('too late for anybody'))
      await new Promise(setImmediate)
    })

    it('begins nothing while the intake is closed', async () => {
      const userId = await withCart()
      const before = door.requests.length
      const busy: ['UNAVAILABLE', string, string] = ['UNAVAILABLE', '系统忙，请稍后重试', 'ServiceUnavailable']
      door.shop.isUp = false
      await refused(door, 'orderCreate', { userId, ...BUYER }, busy)
      door.shop.isUp = true
      door.shop.latest = 500
      await refused(door, 'orderCreate', { userId, ...BUYER }, busy)
      door.shop.latest = 0
      assert.equal(door.requests.length, before)
      await door.call('orderCreate', { userId, ...BUYER })
    })
  })

  describe('OrderList', () => {
    it('shows the newest first, page by page, and counts all of them', async () => {
      const userId = ++users
      const ids: number[] = []
      for (let i = 0; i < 12; i++) {
        await door.call('cartItemAdd', { userId, goodsId: 1 + i, nums: 1 })
        ids.unshift((await door.call('orderCreate', { userId, ...BUYER })).id)
      }
      const page = async (fields: object) => {
        const { total, data } = await door.call('orderList', { userId, ...fields })
        return { total, ids: data.map(({ id }) => id) }
      }
      assert.deepEqual(await page({}), { total: 12, ids: ids.slice(0, 10) })
      assert.deepEqual(await page({ page: 1 }), { total: 12, ids: ids.slice(0, 10) })
      assert.deepEqual(await page({ page: 2 }), { total: 12, ids: ids.slice(10) })
      assert.deepEqual(await page({ page: 3, pageSize: 5 }), { total: 12, ids: ids.slice(10) })
      assert.deepEqual(await page({ pageSize: 1_000 }), { total: 12, ids })
      assert.deepEqual(await page({ page: -1, pageSize: -1 }), { total: 12, ids: ids.slice(0, 10) })
      assert.deepEqual(await page({ page: 2_147_483_647, pageSize: 100 }), { total: 12, ids: [] })
      const [newest] = (await door.call('orderList', { userId })).data
      assert.deepEqual(newest, (await door.call('orderDetail', { id: ids[0] as number })).orderInfo)
    })

    it('reads a hundred orders at the most, whatever is asked', async () => {
      const asked: number[] = []
      const listSlips: Door['orders']['listSlips'] = async ({ pageSize }) => {
        asked.push(pageSize)
        return { total: 0, slips: [] }
      }
      const queries = new OrderQueries({ slips: { ...door.orders, listSlips } })
      for (const pageSize of [0, 7, 100, 101, 2_147_483_647]) {
        await queries.list({ ...OrderFilterRequest.decode(Buffer.alloc(0)), pageSize })
      }
      assert.deepEqual(asked, [10, 7, 100, 100, 100])
    })

    it('shows the orders of one status, and of a status that there is not, none', async () => {
      const { userId, id } = await paying()
      const other = await paying(userId)
      await door.call('orderUpdate', { id: other.id, status: 'TRADE_SUCCESS' })
      const ids = async (status: string) => (await door.call('orderList', { userId, status })).data.map((order) => order.id)
      assert.deepEqual(await ids('PAYING'), [id])
      assert.deepEqual(await ids('TRADE_SUCCESS'), [other.id])
      assert.deepEqual(await ids('TRADE_CLOSED'), [])
      assert.deepEqual(await ids('SHIPPED'), [])
      assert.deepEqual(await ids('PAYING\0'), [id])
    })

    it('shows those of all users to whoever names none; not what was refused, is being created, or was deleted', async () => {
      const { userId, id } = await paying()
      const { total } = await door.call('orderList', {})
      const mine = await paying()
      await openIn(door.orders, ++users)
      const all = await door.call('orderList', { pageSize: 2 })
      assert.equal(all.total, total + 1)
      assert.deepEqual(
        all.data.map((order) => order.id),
        [mine.id, id],
      )
      await door.call('orderDelete', { id, userId })
      assert.deepEqual((await door.call('orderList', { userId })).data, [])
    })
  })

  describe('OrderDetail', () => {
    it('shows an order to its owner, and to whoever names none', async () => {
      const { userId, id } = await paying()
      assert.equal((await door.call('orderDetail', { id })).orderInfo?.userId, userId)
      assert.equal((await door.call('orderDetail', { id, userId })).orderInfo?.id, id)
      await refused(door, 'orderDetail', { id, userId: userId + 1 }, NOT_FOUND)
      await refused(door, 'orderDetail', { id: 2_147_483_647 }, NOT_FOUND)
      await refused(door, 'orderDetail', { id: 0 }, ['INVALID_ARGUMENT', '订单ID必须大于0', 'InvalidInput'])
      await refused(door, 'orderDetail', { id: -2_147_483_648 }, ['INVALID_ARGUMENT', '订单ID必须大于0', 'InvalidInput'])
    })

    it('of an order that is still being created says so', async () => {
      const orderSn = await openIn(door.orders, ++users)
      const id = (await door.orders.getOrder(orderSn))?.id as number
      await refused(door, 'orderDetail', { id }, ['ABORTED', '订单正在处理中，请稍后重试', 'OrderNotReady'])
      await confirmIn(door.orders, orderSn)
      assert.equal((await door.call('orderDetail', { id })).orderInfo?.total, 3)
    })
  })

  describe('OrderUpdate', () => {
    it('to TRADE_SUCCESS records the payment, by id or by number, once', async () => {
      const { id, orderSn } = await paying()
      for (let i = 0; i < 2; i++) await door.call('orderUpdate', { id, status: 'TRADE_SUCCESS' })
      await door.call('orderUpdate', { orderSn, status: 'TRADE_SUCCESS' })
      const payments = await door.orders.paymentsOf([orderSn])
      assert.deepEqual(
        payments.map(({ provider, paymentId, amount, outcome }) => [provider, paymentId, amount.amount, outcome]),
        [['order-service', orderSn, 1_999, 'accepted']],
      )
      assert.equal(typeof (await door.orders.getOrder(orderSn))?.paidAt, 'string')
      assert.equal((await door.call('orderDetail', { id })).orderInfo?.status, 'TRADE_SUCCESS')
      await door.call('orderUpdate', { id, status: 'TRADE_FINISHED' })
      await door.call('orderUpdate', { id, status: 'TRADE_FINISHED' })
      for (const status of ['TRADE_SUCCESS', 'PAYING', 'WAIT_BUYER_PAY']) {
        await refused(door, 'orderUpdate', { id, status }, NO_SUCH_MOVE)
      }
      await refused(door, 'orderUpdate', { id, status: 'TRADE_CLOSED' }, ['FAILED_PRECONDITION', '无效的状态转换', 'OrderPaid'])
    })

    it('records each payment once that is reported many times at once', async () => {
      const { id, orderSn } = await paying()
      await Promise.all(Array.from({ length: 20 }, () => door.call('orderUpdate', { id, status: 'TRADE_SUCCESS' })))
      assert.equal((await door.orders.paymentsOf([orderSn])).length, 1)
    })

    it('of a closed order refuses the payment, and records that it is owed', async () => {
      const { id, userId, orderSn } = await paying()
      await door.call('orderUpdate', { id, status: 'TRADE_CLOSED' })
      const late: ['FAILED_PRECONDITION', string, string] = ['FAILED_PRECONDITION', '订单已关闭，款项将退回', 'PaymentLate']
      for (let i = 0; i < 2; i++) await refused(door, 'orderUpdate', { id, status: 'TRADE_SUCCESS' }, late)
      await door.call('orderDelete', { id, userId })
      await refused(door, 'orderUpdate', { id, status: 'TRADE_SUCCESS' }, late)
      const owed = (await refundsOwed(door.db, { limit: 1_000 })).payments.filter((one) => one.orderSn === orderSn)
      assert.deepEqual(
        owed.map(({ paymentId, amount, outcome }) => [paymentId, amount.amount, outcome]),
        [[orderSn, 1_999, 'late']],
      )
    })

    it('to TRADE_CLOSED cancels an unpaid order, and has its stock given back', async () => {
      const { id, orderSn } = await paying()
      for (let i = 0; i < 2; i++) await door.call('orderUpdate', { id, status: 'TRADE_CLOSED' })
      const order = await door.orders.getOrder(orderSn)
      assert.deepEqual([order?.status, order?.closedFor, order?.owed], ['TRADE_CLOSED', 'cancelled', ['inventory']])
      assert.ok(door.givenBack.includes(orderSn))
      for (const status of ['PAYING', 'WAIT_BUYER_PAY', 'TRADE_FINISHED']) {
        await refused(door, 'orderUpdate', { id, status }, NO_SUCH_MOVE)
      }
    })

    it('moves an order of the service before on from WAIT_BUYER_PAY as that one did', async () => {
      const { id, orderSn } = await waiting()
      await door.call('orderUpdate', { id, status: 'WAIT_BUYER_PAY' })
      await refused(door, 'orderUpdate', { id, status: 'TRADE_SUCCESS' }, NO_SUCH_MOVE)
      await refused(door, 'orderUpdate', { id, status: 'TRADE_FINISHED' }, NO_SUCH_MOVE)
      await door.call('orderUpdate', { orderSn, status: 'PAYING' })
      await door.call('orderUpdate', { id, status: 'PAYING' })
      await refused(door, 'orderUpdate', { id, status: 'WAIT_BUYER_PAY' }, NO_SUCH_MOVE)
      await door.call('orderUpdate', { id, status: 'TRADE_SUCCESS' })
      const events = await sql`select type from order_events where aggregateid = ${orderSn} order by seq`.execute(door.db)
      assert.equal(JSON.stringify(events.rows), '[{"type":"order.created"},{"type":"order.paid"}]')
      const other = await waiting()
      await door.call('orderUpdate', { id: other.id, status: 'TRADE_CLOSED' })
      assert.deepEqual(door.transitions.slice(-3), ['PAYING', 'TRADE_SUCCESS', 'TRADE_CLOSED'])
    })

    it('refuses what names no order or no status, and moves none that is still being created', async () => {
      const invalid = (text: string): ['INVALID_ARGUMENT', string, string] => ['INVALID_ARGUMENT', text, 'InvalidInput']
      await refused(door, 'orderUpdate', { status: 'PAYING' }, invalid('订单ID或订单号必须提供'))
      await refused(door, 'orderUpdate', { id: 1 }, invalid('订单状态不能为空'))
      for (const status of ['SHIPPED', 'CREATING', 'IN_DOUBT', 'paying', 'PAYING\0', 'toString']) {
        await refused(door, 'orderUpdate', { id: 1, status }, invalid('无效的订单状态'))
      }
      await refused(door, 'orderUpdate', { id: 2_147_483_647, status: 'PAYING' }, NOT_FOUND)
      for (const orderSn of ['NOBODYSNUMBER234', '\0', "' or 1=1", 'x'.repeat(100_000), '20240101123456000070001234']) {
        await refused(door, 'orderUpdate', { orderSn, status: 'TRADE_CLOSED' }, NOT_FOUND)
      }
      const orderSn = await openIn(door.orders, ++users)
      const unsettled: ['ABORTED', string, string] = ['ABORTED', '订单正在处理中，请稍后重试', 'OrderNotReady']
      for (const status of ['TRADE_SUCCESS', 'TRADE_CLOSED']) await refused(door, 'orderUpdate', { orderSn, status }, unsettled)
    })

    it('takes no payment for an order that was refused, and has no price', async () => {
      const userId = ++users
      const options = { metadata: { 'idempotency-key': 'refused-1' } }
      const empty: ['FAILED_PRECONDITION', string, string] = ['FAILED_PRECONDITION', '购物车中没有选中的商品', 'EmptyCart']
      await refused(door, 'orderCreate', { userId, ...BUYER }, empty, options)
      const orderSn = door.orderSnOf({ userId, requestId: 'refused-1' })
      await refused(door, 'orderUpdate', { orderSn, status: 'TRADE_SUCCESS' }, NO_SUCH_MOVE)
    })
  })

  describe('OrderDelete', () => {
    it('hides a closed order, and closes an unpaid one first', async () => {
      const { id, userId, orderSn } = await paying()
      await door.call('orderDelete', { id, userId })
      const order = await door.orders.getOrder(orderSn)
      assert.deepEqual([order?.status, order?.closedFor], ['TRADE_CLOSED', 'deleted'])
      assert.ok(door.givenBack.includes(orderSn))
      await refused(door, 'orderDetail', { id }, NOT_FOUND)
      await refused(door, 'orderUpdate', { id, status: 'TRADE_CLOSED' }, NOT_FOUND)
      await refused(door, 'orderDelete', { id, userId }, ['NOT_FOUND', '订单不存在或无权限删除', 'OrderNotFound'])
    })

    it('leaves an order alone that is paid, or somebody else’s', async () => {
      const { id, userId } = await paying()
      await refused(door, 'orderDelete', { id, userId: userId + 1 }, ['NOT_FOUND', '订单不存在或无权限删除', 'OrderNotFound'])
      await refused(door, 'orderDelete', { id: 0 }, ['INVALID_ARGUMENT', '订单ID必须大于0', 'InvalidInput'])
      await door.call('orderUpdate', { id, status: 'TRADE_SUCCESS' })
      const kept: ['FAILED_PRECONDITION', string, string] = ['FAILED_PRECONDITION', '当前状态的订单不允许删除', 'OrderPaid']
      await refused(door, 'orderDelete', { id, userId }, kept)
      await door.call('orderUpdate', { id, status: 'TRADE_FINISHED' })
      await refused(door, 'orderDelete', { id }, kept)
    })
  })

  /** Makes a user with one piece of goods in the cart. */
  async function withCart(userId = ++users): Promise<number> {
    await door.call('cartItemAdd', { userId, goodsId: 3, nums: 1 })
    return userId
  }

  async function paying(of?: number) {
    const userId = await withCart(of)
    return await door.call('orderCreate', { userId, ...BUYER })
  }

  /** An order as the service before left some. */
  async function waiting() {
    const order = await paying()
    await sql`update orders set status = 'WAIT_BUYER_PAY' where id = ${order.id}`.execute(door.db)
    return order
  }
})
