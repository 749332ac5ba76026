import assert from 'node:assert/strict'
import { status } from '@grpc/grpc-js'
import pino from 'pino'
import { STOCK_FAULTS, type StockFault, seededFaults } from '../../services/inventory/stock-faults.ts'
import { startUnkeyedInventory } from '../../services/inventory/unkeyed-inventory.ts'
import { testDatabase } from '../support/postgres.ts'
import { refusalOf } from './grpc-call.ts'
import { InventoryClient } from './inventory-client.ts'

describe('the stand-in for the inventory in production', () => {
  let inventory: InventoryClient
  let faults: StockFault[] = []
  let goodsId = 0

  before(async () => {
    const service = await startUnkeyedInventory(
      { setting: 'INVENTORY_ADDR', address: '127.0.0.1:0' },
      await testDatabase(),
      pino({ level: 'silent' }),
      { nextFault: () => faults.shift(), locks: { patienceMs: 50, expiryMs: 60_000 }, lateMs: 300 },
    )
    inventory = new InventoryClient(service.address, service)
  })
  after(() => inventory.stop())
  beforeEach(async () => {
    faults = []
    await inventory.setStock(++goodsId, 10)
  })

  it('knows no order numbers: the same Sell twice sells twice, a Reback without a Sell gives back', async () => {
    await inventory.sell('ORDER', [[goodsId, 2]])
    await inventory.sell('ORDER', [[goodsId, 2]])
    assert.equal(await inventory.stock(goodsId), 6)
    await inventory.reback('ANOTHER', [[goodsId, 7]])
    assert.equal(await inventory.stock(goodsId), 13)
    assert.equal((await refusalOf(inventory.sale('ORDER'))).code, status.UNIMPLEMENTED)
  })

  it('takes quantities below one as they come', async () => {
    await inventory.sell('', [[goodsId, 0]])
    await inventory.sell('', [[goodsId, -5]])
    assert.equal(await inventory.stock(goodsId), 15)
  })

  it('locks out a call that names goods twice, and everybody else from these goods', async () => {
    const twice = await refusalOf(
      inventory.sell('', [
        [goodsId, 1],
        [goodsId, 1],
      ]),
    )
    assert.deepEqual([twice.code, twice.details], [status.INTERNAL, '系统忙，请稍后重试'])
    assert.equal((await refusalOf(inventory.sell('', [[goodsId, 1]]))).details, '系统忙，请稍后重试')
    assert.equal(await inventory.stock(goodsId), 10)
  })

  it('refuses for want of stock without a reason in the trailer', async () => {
    const short = await refusalOf(inventory.sell('', [[goodsId, 11]]))
    assert.equal(short.code, status.RESOURCE_EXHAUSTED)
    assert.match(short.details, /库存不足/)
    assert.equal((await refusalOf(inventory.sell('', [[999_999, 1]]))).code, status.NOT_FOUND)
  })

  const applied = new Set<StockFault>(['commitApplied', 'replyDropped', 'replyLost', 'late'])
  for (const fault of STOCK_FAULTS) {
    it(`${fault}: ${applied.has(fault) ? 'is' : 'is not'} applied`, async () => {
      faults = [fault]
      const code = await inventory.sell('', [[goodsId, 1]]).then(
        () => status.OK,
        (error) => error.code,
      )
      if (fault !== 'late' && fault !== 'replyLost') assert.notEqual(code, status.OK)
      assert.equal(await inventory.stock(goodsId), applied.has(fault) ? 9 : 10)
    })
  }

  it('fails the two ways of a commit by one answer', async () => {
    const answers: [status, string][] = []
    for (const fault of ['commitApplied', 'commitFailed'] as const) {
      faults = [fault]
      const { code, details } = await refusalOf(inventory.sell('', [[goodsId, 1]]))
      answers.push([code, details])
    }
    assert.deepEqual(answers, Array(2).fill([status.INTERNAL, '提交事务失败']))
  })
})

describe('the faults of a seed', () => {
  const drawn = (seed: number) => Array.from({ length: 20_000 }, seededFaults(seed))

  it('are the same every time, and others for another seed', () => {
    assert.deepEqual(drawn(7), drawn(7))
    assert.notDeepEqual(drawn(7), drawn(8))
  })

  it('befall one call of twenty, each as likely as the others', () => {
    const faults = drawn(7).filter((fault) => fault !== undefined)
    assert.ok(faults.length > 900 && faults.length < 1_100, `${faults.length} of 20000`)
    for (const fault of STOCK_FAULTS) {
      const times = faults.filter((one) => one === fault).length
      assert.ok(times > 60 && times < 140, `${fault}: ${times} of ${faults.length}`)
    }
  })
})
