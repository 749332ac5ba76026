import assert from 'node:assert/strict'
import { readConfig } from '../../services/config.ts'

const INVENTORY_DATABASE_URL = 'postgres://shop:secret@localhost/inventory'

describe('the settings of the reference services', () => {
  it('default to the addresses of the README', () => {
    const { goods, inventory, user } = readConfig({ INVENTORY_DATABASE_URL }, ['goods', 'inventory', 'user'])
    assert.deepEqual([goods.address, inventory.address, user.address], ['127.0.0.1:8081', '127.0.0.1:8082', '127.0.0.1:8084'])
  })

  it('name every problem at once', () => {
    const env = { GOODS_ADDR: '8081', INVENTORY_ADDR: 'localhost:70000', USER_ADDR: 'not a host:1' }
    assert.throws(
      () => readConfig(env, ['goods', 'inventory', 'user']),
      /GOODS_ADDR.*INVENTORY_ADDR.*USER_ADDR.*INVENTORY_DATABASE_URL/s,
    )
  })

  it('are not asked for by a process that does not need them', () => {
    readConfig({ INVENTORY_ADDR: 'wrong' }, ['goods', 'user'])
  })

  it('never show the password of the database', () => {
    assert.throws(
      () => readConfig({ INVENTORY_DATABASE_URL: 'mysql://shop:secret@localhost/inventory' }, ['inventory']),
      (error: Error) => error.message.includes('INVENTORY_DATABASE_URL') && !error.message.includes('secret'),
    )
  })
})
