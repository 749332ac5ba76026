import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceError } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import { ensureDatabase } from '../../dev/ensure-database.ts'
import { type PostgresServer, startPostgres } from '../../dev/postgres.ts'
import { removePostgresHome } from '../../dev/programs/postgres-home.ts'
import { SaleState } from '../../proto/generated/inventory.ts'
import { testDatabase } from '../support/postgres.ts'
import { tempDir } from '../support/temp-dir.ts'
import { errorInfoIn } from './grpc-call.ts'
import type { InventoryClient, Lines } from './inventory-client.ts'
import { type InventoryProcess, spawnInventory } from './inventory-process.ts'

const CALLERS = 32

describe('groups of Sells and Rebacks', () => {
  describe('of two processes over one database', () => {
    let both: [InventoryProcess, InventoryProcess]
    let inventories: [InventoryClient, InventoryClient]

    before(async () => {
      const url = await testDatabase()
      both = [await spawnInventory(url), await spawnInventory(url)]
      inventories = [both[0].inventory, both[1].inventory]
    })
    after(() => Promise.all(both?.map((one) => one.stop()) ?? []))

    it('never refuse for contention, on lines in opposite orders and the same orders at once', async () => {
      const goods = [2_001, 2_002, 2_003]
      for (const id of goods) await inventories[0].setStock(id, 10_000)
      const numbers = Array.from({ length: 640 }, (_, i) => `RIVAL${i}`)
      await each(numbers, async (orderSn, i) => {
        const lines: Lines = goods.map((id) => [id, 1])
        const [one, other] = i % 2 ? inventories : inventories.toReversed()
        await Promise.all([one?.sell(orderSn, lines), other?.sell(orderSn, lines.toReversed())])
        if (i % 4 === 0) await Promise.all([one?.reback(orderSn), other?.reback(orderSn, lines)])
      })
      for (const id of goods) assert.equal(await inventories[1].stock(id), 10_000 - (numbers.length * 3) / 4)
    })

    it('sell exactly what there is', async () => {
      await inventories[0].setStock(2_004, 100)
      const outcomes = await each(
        Array.from({ length: 300 }, (_, i) => `SCARCE${i}`),
        (orderSn, i) =>
          (inventories[i % 2] as InventoryClient).sell(orderSn, [[2_004, 1]]).then(
            () => 'sold',
            (error: ServiceError) => errorInfoIn(error)?.reason,
          ),
      )
      assert.equal(outcomes.filter((outcome) => outcome === 'sold').length, 100)
      assert.equal(outcomes.filter((outcome) => outcome === 'INSUFFICIENT_STOCK').length, 200)
      assert.equal(await inventories[1].stock(2_004), 0)
    })
  })

  it('lose nothing and do nothing twice when PostgreSQL is killed among them and they are repeated', async () => {
    const dataDir = join(await tempDir(), 'killed')
    let server: PostgresServer = await startPostgres({ dataDir, port: 0, durable: false })
    let one: InventoryProcess | undefined
    try {
      const { port } = server
      await ensureDatabase(server.url('inventory'))
      one = await spawnInventory(server.url('inventory'))
      const { inventory } = one
      const initial = await inventory.stock(1)
      let done = 0
      let unanswered = 0
      const calls = each(
        Array.from({ length: 1_200 }, (_, i) => `KILLED${i}`),
        async (orderSn, i) => {
          const repeated = async (call: () => Promise<unknown>) => {
            for (;;) {
              try {
                return await call()
              } catch (error) {
                assert.equal((error as ServiceError).code, status.UNAVAILABLE, String(error))
                unanswered++
                await sleep(50)
              }
            }
          }
          await repeated(() => inventory.sell(orderSn, [[1, 1]]))
          if (i % 4 === 0) await repeated(() => inventory.reback(orderSn))
          done++
        },
      )
      for (const share of [1 / 3, 2 / 3]) {
        while (done < 1_200 * share) await Promise.race([sleep(1), calls])
        process.kill(server.pid, 'SIGKILL')
        await server.exited
        server = await startPostgres({ dataDir, port, durable: false })
      }
      await calls
      assert.ok(unanswered > 0, 'no call was under way when PostgreSQL was killed')
      assert.equal(await inventory.stock(1), initial - 900)
      for (const [i, state] of [SaleState.SALE_STATE_RETURNED, SaleState.SALE_STATE_SOLD].entries()) {
        assert.equal((await inventory.sale(`KILLED${i}`)).state, state)
      }
    } finally {
      await one?.stop()
      await server.stop()
      await removePostgresHome(server.home)
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})

/** Runs as many at once as there are callers. @returns the outcomes, in the order of the orders */
async function each<Outcome>(
  numbers: readonly string[],
  call: (orderSn: string, i: number) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let next = 0
  const caller = async () => {
    for (let i = next++; i < numbers.length; i = next++) outcomes[i] = await call(numbers[i] as string, i)
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return outcomes
}
