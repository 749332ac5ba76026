import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestKey } from '../../../contracts/create-order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { StockEquation } from '../stock.ts'
import { type Answer, place } from './place.ts'
import { spawnRoot } from './spawn-root.ts'

const GOODS_IDS = [31, 32, 33]
const CLIENTS = 8
/** Of each client; nobody else orders for them meanwhile. */
const USERS = 20
/** Of load before the first stop, between the stops, and after the last. Milliseconds. */
const PHASE_MS = 2_500

interface Sent {
  key: RequestKey
  answer: Answer
  /** The starter that answered. */
  url: string
}

/** Each of them has workers and starters of its own, on a task queue of its own. */
const SHOPS = {
  'each order in a run of its own': { INTAKE: 'single' },
  'the lane, run by workers': { INTAKE: 'lane', STARTER_WORKER: 'false' },
  'the lane, run by the starters themselves': { INTAKE: 'lane', STARTER_WORKER: 'true' },
}

describe('a stop under load', function () {
  this.timeout(150_000)
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
    const urls = [starter.url, otherStarter.url] as const
    const clients = Array.from({ length: CLIENTS }, (_, i) => orderAndOrder(150 + i * USERS, urls, load.signal))
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
    const rows = await stack.db.selectFrom('orders').select(['order_sn', 'status']).execute()
    const status = new Map(rows.map(({ order_sn, status }) => [order_sn, status]))
    for (const { key } of sent) assert.equal(status.get(orderSnOf(key)), 'PAYING')
    assert.ok(
      sent.at(-1)?.url === otherStarter.url && sent[0]?.url === starter.url,
      'no order was sent on either side of the stop',
    )
    await Promise.all([otherWorker.stop(), otherStarter.stop()])
  }

  /** One client: order after order; where nobody listens any more it goes to the other starter, for good. */
  async function orderAndOrder(
    firstUser: number,
    [firstUrl, otherUrl]: readonly [string, string],
    signal: AbortSignal,
  ): Promise<Sent[]> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const sent: Sent[] = []
    let url = firstUrl
    while (!signal.aborted) {
      const order = {
        userId: firstUser + (sent.length % USERS),
        requestId: randomUUID(),
        address: '1 Harbour Street',
        name: 'A. Customer',
        mobile: '10000000000',
        lines: GOODS_IDS.map((goodsId) => ({ goodsId, num: 1 })),
      }
      let answer = await place(url, order, agent)
      if (answer.kind === 'unreached' && url !== otherUrl) {
        url = otherUrl
        answer = await place(url, order, agent)
      }
      sent.push({ key: order, answer, url })
    }
    agent.destroy()
    return sent
  }
})
