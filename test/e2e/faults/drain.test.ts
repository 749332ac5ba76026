import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestStack, testStack } from '../../support/stack.ts'
import { StockEquation } from '../stock.ts'
import { orderAndOrder, USERS_OF_A_CLIENT } from './order-and-order.ts'
import { spawnRoot } from './spawn-root.ts'
import { storedOrders } from './stored-orders.ts'

const GOODS_IDS = [31, 32, 33]
const CLIENTS = 8
/** Time of load before the first stop, between the stops, and after the last. Milliseconds. */
const PHASE_MS = 2_500

/** Each of them has workers and starters of its own, on a task queue of its own. */
const SHOPS = {
  'each order in a run of its own': { INTAKE: 'single' },
  'the lane, run by workers': { INTAKE: 'lane', STARTER_WORKER: 'false' },
  'the lane, run by the starters themselves': { INTAKE: 'lane', STARTER_WORKER: 'true' },
}

describe('a stop under load', () => {
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })

  for (const [i, [what, intake]] of Object.entries(SHOPS).entries()) {
    it(`of the worker, then of the starter, fails no order: others take over; ${what}`, () =>
      stopBoth({ ...intake, TASK_QUEUE: `drain-${i}` }))
  }

  async function stopBoth(settings: Record<string, string>): Promise<void> {
    const equation = await StockEquation.of(stack, GOODS_IDS)
    const [worker, otherWorker, starter, otherStarter] = await Promise.all([
      spawnRoot(stack, 'worker', settings),
      spawnRoot(stack, 'worker', settings),
      spawnRoot(stack, 'starter', settings),
      spawnRoot(stack, 'starter', settings),
    ])
    const load = new AbortController()
    const urls = [starter.url, otherStarter.url]
    const clients = Array.from({ length: CLIENTS }, (_, i) =>
      orderAndOrder(urls, { goodsIds: GOODS_IDS, firstUser: 150 + i * USERS_OF_A_CLIENT }, load.signal),
    )
    for (const part of [worker, starter]) {
      await sleep(PHASE_MS)
      await part.stop()
      // In order, and not killed because it took too long.
      assert.equal(await part.exited, 'status 0')
    }
    await sleep(PHASE_MS)
    load.abort()
    const sent = (await Promise.all(clients)).flat()

    const bad = sent.filter(({ answer }) => answer.kind !== 'created' && answer.kind !== 'pending')
    assert.deepEqual(
      bad.map(({ answer }) => answer),
      [],
    )
    await equation.assertHolds()
    const rows = await storedOrders(stack, sent)
    for (const { orderSn } of sent) assert.equal(rows.get(orderSn)?.status, 'PAYING')
    assert.ok(
      sent.at(-1)?.url === otherStarter.url && sent[0]?.url === starter.url,
      'no order was sent on either side of the stop',
    )
    await Promise.all([otherWorker.stop(), otherStarter.stop()])
  }
})
