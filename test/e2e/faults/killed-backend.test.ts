import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isServing } from '../../../dev/processes/grpc-health.ts'
import type { RunningPart } from '../../../dev/processes/part.ts'
import { freePort } from '../../../dev/processes/ports.ts'
import { programCommand } from '../../../dev/processes/program-command.ts'
import { spawnPart } from '../../../dev/processes/spawn-part.ts'
import { onEnd } from '../../support/on-end.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { StockEquation } from '../stock.ts'
import { orderAndOrder, USERS_OF_A_CLIENT } from './order-and-order.ts'
import { spawnRoot } from './spawn-root.ts'
import { storedOrders } from './stored-orders.ts'
import { until } from './until.ts'

const PROJECT = join(import.meta.dirname, '../../..')
const GOODS_IDS = [41, 42, 43]
const CLIENTS = 4
/** Time of load before the first kill, between the two, and after them. Milliseconds. */
const PHASE_MS = 2_500

describe('a backend that is killed under load', () => {
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })

  it('costs no order: of three inventories two are killed, one after the other', async () => {
    const equation = await StockEquation.of(stack, GOODS_IDS)
    const victims = await Promise.all([spawnInventory(), spawnInventory()])
    const targets = [`127.0.0.1:${stack.ports.inventory}`, ...victims.map(({ address }) => address)]
    const starter = await spawnRoot(stack, 'starter', { TASK_QUEUE: `killed-${randomUUID()}`, INVENTORY_TARGET: targets.join() })

    const load = new AbortController()
    const clients = Array.from({ length: CLIENTS }, (_, i) =>
      orderAndOrder([starter.url], { goodsIds: GOODS_IDS, firstUser: 320 + i * USERS_OF_A_CLIENT }, load.signal),
    )
    for (const { part } of victims) {
      await sleep(PHASE_MS)
      process.kill(part.pid, 'SIGKILL')
      await part.exited
    }
    await sleep(PHASE_MS)
    load.abort()
    const sent = (await Promise.all(clients)).flat()
    assert.ok(sent.length > 3 * CLIENTS, `only ${sent.length} orders were sent`)
    const bad = sent.filter(({ answer }) => answer.kind !== 'created' && answer.kind !== 'pending')
    assert.deepEqual(bad, [])

    await until('every order is paying', async () => {
      const rows = await storedOrders(stack, sent)
      for (const { orderSn } of sent) assert.equal(rows.get(orderSn)?.status, 'PAYING')
    })
    await equation.assertHolds()
    await starter.stop()
  })

  /** One more reference inventory, over the same stock. */
  async function spawnInventory(): Promise<{ address: string; part: RunningPart }> {
    const address = `127.0.0.1:${await freePort()}`
    const part = await spawnPart({
      name: 'another inventory',
      ...programCommand('services/inventory/main.ts', {
        ...stack.env,
        INVENTORY_ADDR: address,
        INVENTORY_DATABASE_URL: stack.inventoryDatabaseUrl,
      }),
      cwd: PROJECT,
      ipc: true,
      logFile: join(stack.logsDir, 'another-inventory.log'),
      isHealthy: () => isServing(address),
    })
    onEnd(() => part.stop())
    return { address, part }
  }
})
