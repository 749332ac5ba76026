import assert from 'node:assert/strict'
import { join, resolve } from 'node:path'
import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { type TestStack, testStack } from '../support/stack.ts'
import { freshUser } from './shop.ts'
import { StockEquation } from './stock.ts'

const CONTRACT = join(resolve(import.meta.dirname, '../rpc/original'), 'order.proto')
const GOODS = [61, 62]
const CHECK_OUT = { address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000', post: 'ring twice' }

type Method = (request: object, options: object, done: (error: ServiceError | null, response: never) => void) => void

describe('the shop’s gateway, whose client was made from the contract of the order service before', () => {
  let stack: TestStack
  let client: Client & Record<string, Method>

  before(async () => {
    stack = await testStack()
    const loaded = loadPackageDefinition(loadSync(CONTRACT, { keepCase: true, defaults: true, includeDirs: [] }))
    const OrderService = loaded.OrderService as unknown as new (address: string, by: object) => Client & Record<string, Method>
    client = new OrderService(`127.0.0.1:${stack.ports.grpc}`, credentials.createInsecure())
  })
  after(() => client.close())

  // biome-ignore lint/suspicious/noExplicitAny: a client without types, as the contract alone makes it
  async function call(method: string, request: object, deadlineMs = 60_000): Promise<any> {
    return await new Promise((answer, fail) => {
      const options = { deadline: Date.now() + deadlineMs }
      ;(client[method] as Method).call(client, request, options, (error, response) => (error ? fail(error) : answer(response)))
    })
  }

  async function withCart() {
    const userId = freshUser()
    for (const goods_id of GOODS) await call('CartItemAdd', { user_id: userId, goods_id, nums: 2 })
    return userId
  }

  it('makes every call that its pages make', async () => {
    const stock = await StockEquation.of(stack, GOODS)
    const user_id = freshUser()
    // The cart.
    const [first, second] = GOODS
    const { id } = await call('CartItemAdd', { user_id, goods_id: first, nums: 2 })
    const other = await call('CartItemAdd', { user_id, goods_id: second, nums: 1 })
    assert.ok(id > 0 && other.id > id)
    await call('CartItemUpdate', { id, nums: 3, checked: true })
    await call('CartItemDelete', { id: other.id })
    const cart = await call('CartItemList', { id: user_id })
    assert.equal(cart.total, 1)
    const [row] = cart.cart_items
    assert.deepEqual([row.id, row.goods_id, row.nums, row.checked], [id, first, 3, true])
    assert.ok(row.goods_name && row.goods_image && row.goods_price > 0)

    // The check-out, twice by a double click, and again as if the answer had been lost.
    const [order, again] = await Promise.all([
      call('OrderCreate', { user_id, ...CHECK_OUT }),
      call('OrderCreate', { user_id, ...CHECK_OUT }),
    ])
    assert.deepEqual(again, order)
    assert.deepEqual(await call('OrderCreate', { user_id, ...CHECK_OUT }), order)
    assert.ok(order.id > 0 && order.order_sn)
    assert.deepEqual([order.status, order.pay_type, order.user_id], ['PAYING', 'alipay', user_id])
    assert.equal(order.total, Math.fround(Math.round(row.goods_price * 300) / 100))
    assert.equal((await call('CartItemList', { id: user_id })).total, 0)

    // My orders, and one of them.
    const list = await call('OrderList', { user_id, status: 'PAYING' })
    assert.deepEqual([list.total, list.data], [1, [order]])
    const detail = await call('OrderDetail', { id: order.id, user_id })
    assert.deepEqual(detail.order_info, order)
    assert.deepEqual(
      detail.goods.map(({ goods_id, nums, goods_name }: Record<string, unknown>) => [goods_id, nums, goods_name]),
      [[first, 3, row.goods_name]],
    )

    // The payment, the receipt.
    await call('OrderUpdate', { order_sn: order.order_sn, status: 'TRADE_SUCCESS' })
    assert.equal((await call('OrderDetail', { id: order.id })).order_info.status, 'TRADE_SUCCESS')
    await call('OrderUpdate', { id: order.id, status: 'TRADE_FINISHED' })
    await assert.rejects(call('OrderDelete', { id: order.id, user_id }), { code: status.FAILED_PRECONDITION })
    await stock.assertHolds()
  })

  it('cancels and deletes orders, whose stock is given back', async () => {
    const stock = await StockEquation.of(stack, GOODS)
    for (const end of ['cancelled', 'deleted']) {
      const user_id = await withCart()
      const order = await call('OrderCreate', { user_id, ...CHECK_OUT })
      if (end === 'cancelled') await call('OrderUpdate', { id: order.id, status: 'TRADE_CLOSED' })
      await call('OrderDelete', { id: order.id, user_id })
      await assert.rejects(call('OrderDetail', { id: order.id, user_id }), { code: status.NOT_FOUND, details: '订单不存在' })
      // A payment that comes after all is refused, and owed.
      await assert.rejects(call('OrderUpdate', { id: order.id, status: 'TRADE_SUCCESS' }), { code: status.FAILED_PRECONDITION })
    }
    await stock.assertHolds()
  })

  it('shows its customer why an order is refused', async () => {
    const user_id = freshUser()
    await assert.rejects(call('OrderCreate', { user_id, ...CHECK_OUT }), {
      code: status.FAILED_PRECONDITION,
      details: '购物车中没有选中的商品',
    })
    await call('CartItemAdd', { user_id, goods_id: GOODS[0], nums: 9_999 })
    await assert.rejects(call('OrderCreate', { user_id, ...CHECK_OUT }), {
      code: status.FAILED_PRECONDITION,
      details: '商品库存不足',
    })
  })
})
