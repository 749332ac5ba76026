import assert from 'node:assert/strict'
import pino from 'pino'
import { readConfig } from '../../services/config.ts'
import { startConfiguredInventory } from '../../services/inventory/configured-inventory.ts'
import { until } from '../e2e/faults/until.ts'
import { testDatabase } from '../support/postgres.ts'
import { DatabaseProxy } from './database-proxy.ts'
import { InventoryClient } from './inventory-client.ts'

describe('an inventory that starts while PostgreSQL is away', () => {
  let proxy: DatabaseProxy
  let stop: AbortController
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line) => lines.push(line) })
  const waits = () =>
    assert.match(lines.join(''), /"reason":"connect ECONNREFUSED.*waiting for PostgreSQL.*INVENTORY_DATABASE_URL/)

  beforeEach(async () => {
    lines.length = 0
    stop = new AbortController()
    proxy = await DatabaseProxy.before(await testDatabase())
    await proxy.cut()
  })
  afterEach(() => proxy.close())

  for (const INVENTORY_MODE of ['keyed', 'unkeyed']) {
    it(`waits, says so once, and serves as soon as it is there: ${INVENTORY_MODE}`, async () => {
      const starting = start(INVENTORY_MODE)
      await until('it waits', waits)
      await proxy.mend()
      const service = await starting
      const client = new InventoryClient(service.address, service)
      assert.equal(await client.stock(1), 10_000)
      await client.stop()
      assert.equal(lines.length, 1, lines.join(''))
    })

    it(`ends its wait if it is asked to stop: ${INVENTORY_MODE}`, async () => {
      const ended = assert.rejects(start(INVENTORY_MODE), { name: 'AbortError' })
      await until('it waits', waits)
      stop.abort()
      await ended
    })
  }

  function start(INVENTORY_MODE: string) {
    const settings = { INVENTORY_ADDR: '127.0.0.1:0', INVENTORY_DATABASE_URL: proxy.url, INVENTORY_MODE }
    return startConfiguredInventory(readConfig(settings, ['inventory']), log, stop.signal)
  }
})
