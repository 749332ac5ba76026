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
const USERS = 40
/** Of load before the first stop, between the stops, and after the last. Milliseconds. */
const PHASE_MS = 2_500

interface Sent {
  key: RequestKey
  answer: Answer
  /** The starter that answered. */
  url: string
}

describe('a stop under load', function () {
  this.timeout(150_000)
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })

  after(async () => {
    await Promise.all([stack.startPart('worker'), stack.startPart('starter')])
  })

  it('of the worker, then of the starter, fails no order: others take over', async () => {
    const equation = await StockEquation.of(stack, GOODS_IDS)
    const [worker, starter] = await Promise.all([spawnRoot(stack, 'worker'), spawnRoot(stack, 'starter')])
    const load = new AbortController()
    const clients = Array.from({ length: CLIENTS }, (_, i) => orderAndOrder(150 + i * USERS, starter.url, load.signal))
    await sleep(PHASE_MS)
    await stack.stopPart('worker')
    await sleep(PHASE_MS)
    await stack.stopPart('starter')
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
    assert.ok(sent.at(-1)?.url === starter.url && sent[0]?.url === stack.httpUrl, 'no order was sent on either side of the stop')
    await Promise.all([worker.stop(), starter.stop()])
  })

  /** One client: order after order; where nobody listens any more it goes to the other starter, for good. */
  async function orderAndOrder(firstUser: number, otherUrl: string, signal: AbortSignal): Promise<Sent[]> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const sent: Sent[] = []
    let url = stack.httpUrl
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
