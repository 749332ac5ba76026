import assert from 'node:assert/strict'
import { failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { Sale } from '../../contracts/steps.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { orderStore } from '../../store/order-store.ts'
import { TcpProxy } from '../proof/chaos/proxies/tcp-proxy.ts'
import { type Parts, startParts } from './parts.ts'

const WHY = failure('OrderTimedOut', 'for a test')
const LINES = [{ goodsId: 31, num: 2 }]

describe('the effects without keys whose mark is set by a statement that has no reply', () => {
  let parts: Parts
  let unkeyed: ReturnType<Parts['activities']>
  /** The same activities, behind a proxy before their store. */
  let deaf: ReturnType<Parts['activities']>
  let proxy: TcpProxy
  let db: Database
  let users = 0
  let lost = 0

  before(async () => {
    parts = await startParts()
    unkeyed = parts.activities({ unkeyed: parts.orders })
    proxy = await TcpProxy.beforeUrl(parts.proxy.url)
    db = connectDatabase(proxy.urlFor(parts.proxy.url), { onError: () => {} })
    deaf = parts.activities({ unkeyed: orderStore(db) })
  })
  beforeEach(() => {
    lost = 0
    proxy.befall = (statement) => {
      if (lost > 0 || !statement.includes('unsent as materialized (')) return undefined
      lost++
      return { answer: 'reset' }
    }
  })
  afterEach(() => assert.equal(lost, 1, 'no reply was lost'))
  after(async () => {
    await db.destroy()
    await proxy.close()
    await parts.stop()
  })

  it('send the Sell of one order, once', async () => {
    const sale = await opened()
    const before = await parts.stock.stock(31)
    await deaf.sell(sale)
    await deaf.sell(sale)
    assert.deepEqual([await parts.stock.stock(31), await stockStateOf(sale)], [before - 2, 'sold'])
  })

  it('send each Sell of a batch, once', async () => {
    const batch = [await opened(), await opened()]
    const before = await parts.stock.stock(31)
    assert.deepEqual(await deaf.sellOrders(batch), [{ done: true }, { done: true }])
    assert.equal(await parts.stock.stock(31), before - 4)
    assert.deepEqual(await Promise.all(batch.map(stockStateOf)), ['sold', 'sold'])
  })

  it('send the Reback of a closed order, once', async () => {
    const sale = await opened()
    const before = await parts.stock.stock(31)
    await unkeyed.sell(sale)
    await unkeyed.voidOrder({ orderSn: sale.orderSn, refusal: WHY })
    await deaf.reback(sale)
    await deaf.reback(sale)
    assert.deepEqual([await parts.stock.stock(31), await stockStateOf(sale)], [before, 'returned'])
  })

  async function opened(): Promise<Sale> {
    const request = { userId: ++users, requestId: 'r', address: 'a', name: 'n', mobile: '0100', lines: LINES }
    await unkeyed.openOrder(request)
    return { orderSn: orderSnOf(request), lines: LINES }
  }

  async function stockStateOf({ orderSn }: Sale) {
    return (await parts.orders.getOrder(orderSn))?.stockState
  }
})
