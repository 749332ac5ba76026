import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { type Door, openDoor } from '../rpc/door.ts'
import { canTestMariadb } from '../support/mariadb.ts'
import { imported } from './imported.ts'
import { Joyshop } from './joyshop.ts'

describe('imported orders and carts over gRPC', () => {
  let shop: Joyshop
  let door: Door

  before(async function () {
    if (!canTestMariadb()) this.skip()
    shop = await Joyshop.open()
    door = await openDoor()
    await shop.order({ id: 5, user: 7, order_sn: '20261101100000700500000001', pay_type: 'wechat', order_mount: 39.98 }, [
      { nums: 2 },
    ])
    await shop.order({ id: 6, user: 7, order_sn: '20261101100000700600000001' })
    await shop.order({ id: 7, user: 7, deleted_at: '2026-11-02 00:00:00' })
    await shop.cartRow({ id: 41, user: 7 })
    await imported(shop.url, door.ownerDb)
  })
  after(async () => {
    await shop?.close()
    await door?.close()
  })

  it('are shown as the original showed them: ids, numbers, way of payment, lines', async () => {
    const { orderInfo, goods } = await door.call('orderDetail', { id: 5, userId: 7 })
    assert.deepEqual(orderInfo, {
      ...{
        id: 5,
        userId: 7,
        orderSn: '20261101100000700500000001',
        payType: 'wechat',
        status: 'PAYING',
        post: '',
        total: Math.fround(39.98),
      },
      ...{ address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000' },
    })
    const image = 'https://shop.example/tea.png'
    assert.deepEqual(goods, [
      { id: 50, orderId: 5, goodsId: 421, goodsName: 'Tea', goodsImage: image, goodsPrice: Math.fround(19.99), nums: 2 },
    ])
    const { total, data } = await door.call('orderList', { userId: 7 })
    assert.deepEqual(
      [total, data.map(({ orderSn }) => orderSn)],
      [2, ['20261101100000700600000001', '20261101100000700500000001']],
    )
    const { cartItems } = await door.call('cartItemList', { id: 7 })
    assert.deepEqual(
      cartItems.map(({ id, goodsId, nums, checked }) => [id, goodsId, nums, checked]),
      [[41, 421, 2, true]],
    )
  })

  it('are paid by the number that they had there', async () => {
    await door.call('orderUpdate', { orderSn: '20261101100000700500000001', status: 'TRADE_SUCCESS' })
    const { rows } = await sql<{
      id: number
      status: string
    }>`select id, status from orders where id in (5, 6) order by id`.execute(door.db)
    assert.deepEqual(rows, [
      { id: 5, status: 'TRADE_SUCCESS' },
      { id: 6, status: 'PAYING' },
    ])
  })
})
