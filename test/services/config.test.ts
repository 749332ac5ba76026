import assert from 'node:assert/strict'
import { readConfig } from '../../services/config.ts'

const INVENTORY_DATABASE_URL = 'postgres://shop:secret@localhost/inventory'

describe('the settings of the reference services', () => {
  it('default to the addresses of the README', () => {
    const { goods, inventory, user } = readConfig({ INVENTORY_DATABASE_URL }, ['goods', 'inventory', 'user'])
    assert.deepEqual([goods.address, inventory.address, user.address], ['127.0.0.1:8081', '127.0.0.1:8082', '127.0.0.1:8084'])
  })

  it('name every problem at once', () => {
    const env = { GOODS_ADDR: '8081', INVENTORY_ADDR: 'localhost:70000', USER_ADDR: 'not a host:1', LOG_LEVEL: 'loud' }
    assert.throws(
      () => readConfig(env, ['goods', 'inventory', 'user']),
      /GOODS_ADDR.*INVENTORY_ADDR.*USER_ADDR.*INVENTORY_DATABASE_URL.*LOG_LEVEL/s,
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
    assert.throws(() => read({ INVENTORY_FAULT_SEED: '7' }), /INVENTORY_FAULT_SEED must be .* beside INVENTORY_MODE=unkeyed/)
    assert.throws(() => read({ INVENTORY_MODE: 'unkeyed', INVENTORY_FAULT_SEED: '0' }), /INVENTORY_FAULT_SEED/)
  })

  it('say how many decimals prices have, by the currency', () => {
    const digits = [{}, { CURRENCY: '' }, { CURRENCY: 'JPY' }, { CURRENCY: 'KWD' }].map(
      (env: NodeJS.ProcessEnv) => readConfig(env, ['goods']).minorDigits,
    )
    assert.deepEqual(digits, [2, 2, 0, 3])
    assert.throws(() => readConfig({ CURRENCY: 'ZZZ' }, ['goods']), /CURRENCY must be a currency of ISO 4217, not "ZZZ"/)
  })

  it('never show the password of the database', () => {
    assert.throws(
      () => readConfig({ INVENTORY_DATABASE_URL: 'mysql://shop:secret@localhost/inventory' }, ['inventory']),
      (error: Error) => error.message.includes('INVENTORY_DATABASE_URL') && !error.message.includes('secret'),
    )
  })
})
