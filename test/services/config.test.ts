import assert from 'node:assert/strict'
import { readConfig } from '../../services/config.ts'

const INVENTORY_DATABASE_URL = 'postgres://shop:secret@localhost/inventory'

describe('the settings of the reference services', () => {
  it('default to the targets that the worker expects them at', () => {
    const { goodsAddr, inventoryAddr, userAddr } = readConfig({ INVENTORY_DATABASE_URL }, ['goods', 'inventory', 'user'])
    assert.deepEqual([goodsAddr, inventoryAddr, userAddr], ['127.0.0.1:8081', '127.0.0.1:8082', '127.0.0.1:8084'])
  })

  it('name every problem at once', () => {
    const env = { GOODS_ADDR: '8081', INVENTORY_ADDR: 'localhost:70000', USER_ADDR: 'not a host:1', LOG_LEVEL: 'loud' }
    assert.throws(
      () => readConfig(env, ['goods', 'inventory', 'user']),
      /LOG_LEVEL.*GOODS_ADDR.*INVENTORY_ADDR.*USER_ADDR.*INVENTORY_DATABASE_URL/s,
    )
  })

  it('are not asked for by a process that does not need them', () => {
    readConfig({ INVENTORY_ADDR: 'wrong' }, ['goods', 'user'])
  })

  it('name the kind of inventory, and its faults only beside the one that has them', () => {
    const read = (env: NodeJS.ProcessEnv) => readConfig({ INVENTORY_DATABASE_URL, ...env }, ['inventory'])
    assert.equal(read({}).inventoryMode, 'keyed')
    const { inventoryMode, inventoryFaultSeed } = read({ INVENTORY_MODE: 'unkeyed', INVENTORY_FAULT_SEED: '7' })
    assert.deepEqual([inventoryMode, inventoryFaultSeed], ['unkeyed', 7])
    assert.throws(() => read({ INVENTORY_MODE: 'keyless' }), /INVENTORY_MODE must be keyed or unkeyed/)
    assert.throws(() => read({ INVENTORY_FAULT_SEED: '7' }), /INVENTORY_FAULT_SEED has no effect without INVENTORY_MODE=unkeyed/)
    assert.throws(() => read({ INVENTORY_MODE: 'unkeyed', INVENTORY_FAULT_SEED: '0' }), /INVENTORY_FAULT_SEED/)
  })

  it('name the currency of the prices, as the worker reads it', () => {
    const currencies = [{}, { CURRENCY: '' }, { CURRENCY: 'JPY' }].map(
      (env: NodeJS.ProcessEnv) => readConfig(env, ['goods']).currency,
    )
    assert.deepEqual(currencies, ['CNY', 'CNY', 'JPY'])
    assert.throws(() => readConfig({ CURRENCY: 'ZZZ' }, ['goods']), /CURRENCY must be a currency of ISO 4217.*not 'ZZZ'/)
  })

  it('never show the password of the database', () => {
    assert.throws(
      () => readConfig({ INVENTORY_DATABASE_URL: 'mysql://shop:secret@localhost/inventory' }, ['inventory']),
      (error: Error) => error.message.includes('INVENTORY_DATABASE_URL') && !error.message.includes('secret'),
    )
  })
})
