import assert from 'node:assert/strict'
import { type ServiceError, status } from '@grpc/grpc-js'
import type { Caller } from '../../contracts/caller.ts'
import { unauthenticated } from '../../identity/bearer.ts'
import { OrderServiceService } from '../../proto/generated/order.ts'
import { answered, type CallDeps } from '../../rpc/answered.ts'
import { METHOD_ACCESS } from '../../rpc/method-access.ts'
import type { OrderMethod } from '../../rpc/texts.ts'
import { type Door, openDoor } from '../rpc/door.ts'
import { refused } from '../rpc/refused.ts'

const BUYER = { address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000' }
const ROLES = ['nobody', '7', '8', 'shop', 'support'] as const
const NO_LOGIN: ['UNAUTHENTICATED', string, string] = ['UNAUTHENTICATED', '请先登录', 'Unauthenticated']
const NOT_FOUND: ['NOT_FOUND', string, string] = ['NOT_FOUND', '订单不存在', 'OrderNotFound']
const FORBIDDEN: ['PERMISSION_DENIED', string, string] = ['PERMISSION_DENIED', '无权限执行该操作', 'Forbidden']

describe('the front door over gRPC, by role, method and whose', () => {
  let door: Door
  before(async () => {
    door = await openDoor({ authenticate: ({ authorization: [header = ''] }) => callerOf(header.replace('Bearer ', '')) })
  })
  after(() => door.close())

  const callerOf = (token: string): Caller => {
    if (/^\d+$/.test(token)) return { kind: 'customer', subject: token, userId: Number(token) }
    if (token === '') throw unauthenticated('no token was sent')
    return {
      kind: 'service',
      subject: token,
      scopes: new Set([token === 'shop' ? ('orders:any' as const) : ('orders:support' as const)]),
    }
  }
  const as = (role: string) => ({ metadata: role === 'nobody' ? {} : { authorization: `Bearer ${role}` } })
  const answerOf = async (method: OrderMethod, fields: object, role: string) => {
    try {
      await door.call(method, fields, as(role))
      return 'OK'
    } catch (error) {
      return status[(error as ServiceError).code]
    }
  }
  /** An order of user 7, with goods 3 in their cart still. */
  const orderOf7 = async () => {
    await door.call('cartItemAdd', { userId: 7, goodsId: 3, nums: 1 }, as('7'))
    const order = await door.call('orderCreate', { userId: 7, ...BUYER }, as('7'))
    const item = await door.call('cartItemAdd', { userId: 7, goodsId: 3, nums: 1 }, as('7'))
    return { id: order.id, item: item.id }
  }

  it('answers as the table says, whoever is named, and whoever is not', async () => {
    const [NOBODY, NO, NONE, OK, EARLY] = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'NOT_FOUND', 'OK', 'FAILED_PRECONDITION']
    const table: [OrderMethod, (of: { id: number; item: number }) => object, string[]][] = [
      ['cartItemList', () => ({ id: 7 }), [NOBODY, OK, NO, OK, NO]],
      ['cartItemAdd', () => ({ userId: 7, goodsId: 4, nums: 1 }), [NOBODY, OK, NO, OK, NO]],
      ['cartItemUpdate', ({ item }) => ({ id: item, nums: 2, checked: true }), [NOBODY, OK, NONE, OK, NO]],
      ['cartItemUpdate', () => ({ userId: 7, goodsId: 3, nums: 2, checked: true }), [NOBODY, OK, NO, OK, NO]],
      ['cartItemDelete', ({ item }) => ({ id: item }), [NOBODY, OK, NONE, OK, NO]],
      ['cartItemDelete', () => ({ userId: 7, goodsId: 3 }), [NOBODY, OK, NO, OK, NO]],
      ['orderCreate', () => ({ userId: 7, ...BUYER }), [NOBODY, OK, NO, OK, NO]],
      ['orderList', () => ({ userId: 7 }), [NOBODY, OK, NO, OK, NO]],
      ['orderDetail', ({ id }) => ({ id }), [NOBODY, OK, NONE, OK, NO]],
      ['orderDetail', ({ id }) => ({ id, userId: 7 }), [NOBODY, OK, NO, OK, NO]],
      ['orderUpdate', ({ id }) => ({ id, status: 'TRADE_CLOSED' }), [NOBODY, OK, NONE, OK, NO]],
      ['orderUpdate', ({ id }) => ({ id, status: 'TRADE_FINISHED' }), [NOBODY, EARLY, NONE, EARLY, NO]],
      ['orderUpdate', ({ id }) => ({ id, status: 'TRADE_SUCCESS' }), [NOBODY, NO, NO, OK, NO]],
      ['orderUpdate', ({ id }) => ({ id, status: 'PAYING' }), [NOBODY, NO, NO, OK, NO]],
      ['orderUpdate', ({ id }) => ({ id, status: 'WAIT_BUYER_PAY' }), [NOBODY, NO, NO, EARLY, NO]],
      ['orderDelete', ({ id }) => ({ id }), [NOBODY, OK, NONE, OK, NO]],
    ]
    for (const [method, fields, answers] of table) {
      const found: string[] = []
      for (const role of ROLES) found.push((await answerOf(method, fields(await orderOf7()), role)) ?? '')
      assert.deepEqual(found, answers, `${method} ${fields({ id: 1, item: 1 })}`)
    }
    const methods = new Set(table.map(([method]) => method))
    assert.deepEqual([...methods].sort(), Object.keys(OrderServiceService).sort(), 'a method without a row')
    assert.deepEqual(Object.keys(METHOD_ACCESS).sort(), Object.keys(OrderServiceService).sort(), 'a method without an access')
  })

  it('lets a customer close and finish what is their own, and call nothing paid: not what is theirs, and not what there is not', async () => {
    const { id } = await orderOf7()
    await refused(door, 'orderUpdate', { id, status: 'TRADE_SUCCESS' }, FORBIDDEN, as('7'))
    await refused(door, 'orderUpdate', { id: 2_000_000_000, status: 'TRADE_SUCCESS' }, FORBIDDEN, as('7'))
    await door.call('orderUpdate', { id, status: 'TRADE_SUCCESS' }, as('shop'))
    const other = await refused(door, 'orderUpdate', { id, status: 'TRADE_FINISHED' }, NOT_FOUND, as('8'))
    const none = await refused(door, 'orderUpdate', { id: 2_000_000_000, status: 'TRADE_FINISHED' }, NOT_FOUND, as('8'))
    assert.equal(other.detail?.replace(String(id), 'N'), none.detail?.replace('2000000000', 'N'))
    await door.call('orderUpdate', { id, status: 'TRADE_FINISHED' }, as('7'))
    const { orderInfo } = await door.call('orderDetail', { id }, as('7'))
    assert.equal(orderInfo?.status, 'TRADE_FINISHED')
  })

  it('lets no door open that has a method of which nobody said who may call it', () => {
    const added = () => answered('orderRefund' as OrderMethod, {} as CallDeps, async () => ({}) as never)
    assert.throws(added, /orderRefund declares no access/)
  })

  it('shows a customer who names no user what is their own, and not what is everybody else’s', async () => {
    await orderOf7()
    const { total, data } = await door.call('orderList', {}, as('9'))
    assert.deepEqual([total, data], [0, []])
    const seen = await door.call('orderList', { pageSize: 100 }, as('7'))
    assert.deepEqual(new Set(seen.data.map(({ userId }) => userId)), new Set([7]))
    assert.ok((await door.call('orderList', {}, as('shop'))).total >= seen.total)
  })

  it('says why with an ErrorInfo, and nothing of what was sent', async () => {
    await refused(door, 'orderList', { userId: 7 }, NO_LOGIN, as('nobody'))
    const { code, detail } = await refused(door, 'orderCreate', { userId: 7, ...BUYER }, FORBIDDEN, as('8'))
    assert.equal(code, '10039')
    assert.doesNotMatch(detail ?? '', /Harbour|Buyer|138/)
  })
})
