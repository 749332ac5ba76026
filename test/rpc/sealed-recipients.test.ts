import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { recipientStore } from '../../store/recipients/recipient-store.ts'
import { type Door, openDoor } from './door.ts'

const BUYER = { address: '9 Cipher Crescent', name: 'Wilhelmina', mobile: '+99-5550-80777', post: 'ring twice' }

describe('sealed recipients over gRPC', () => {
  let door: Door
  const userId = 7

  before(async () => {
    door = await openDoor({ seals: true })
  })
  after(() => door.close())

  it('are shown to whoever looks at the order, and stand sealed in the run and in the row; erased, they are empty', async () => {
    await door.call('cartItemAdd', { userId, goodsId: 3, nums: 2 })
    const order = await door.call('orderCreate', { userId, ...BUYER }, { metadata: { 'idempotency-key': 'one' } })
    const { name, address, mobile, post } = order
    assert.deepEqual({ name, address, mobile, post }, BUYER)
    assert.ok(door.requests.length === 1 && !JSON.stringify(door.requests).includes(BUYER.name))
    const { rows } = await sql<{ text: string }>`select o::text as text from orders o`.execute(door.db)
    assert.ok(rows.length === 1 && !rows[0]?.text.includes(BUYER.name))
    assert.deepEqual((await door.call('orderDetail', { id: order.id, userId })).orderInfo, order)
    assert.deepEqual((await door.call('orderList', { userId })).data, [order])

    const again = await door.call('orderCreate', { userId, ...BUYER }, { metadata: { 'idempotency-key': 'one' } })
    assert.deepEqual([again.orderSn, door.requests.length], [order.orderSn, 1], 'a repeat is the same order')

    await sql`update orders set status = 'TRADE_FINISHED'`.execute(door.db)
    assert.equal((await recipientStore(door.operatorDb).eraseRecipients({ userId, by: 'test', why: 'asked' })).kind, 'erased')
    const nobody = { name: '', address: '', mobile: '', post: '' }
    const { orderInfo } = await door.call('orderDetail', { id: order.id, userId })
    assert.deepEqual(orderInfo, { ...order, status: 'TRADE_FINISHED', ...nobody })
    assert.deepEqual((await door.call('orderList', { userId })).data, [orderInfo])
  })
})
