import assert from 'node:assert/strict'
import type { BatchOutcome } from '../../../contracts/create-orders.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { outcome } from '../../support/workflow-runs.ts'
import { StockEquation } from '../stock.ts'
import { BATCHED_GOODS, batchesAtEveryGate, type GatedBatch, type Kind, type LaneGate } from './gated-batches.ts'
import { GatedWorkerProcess } from './gated-worker-process.ts'
import { spawnRoot } from './spawn-root.ts'
import { storedOrders } from './stored-orders.ts'

/** States in the store of the orders of a batch that stands at its gate: two good ones, one sold out, one of nobody. */
const [NO_ROW, OPEN, SOLD, CLOSED, RETURNED] = [
  'no row',
  'CREATING, selling',
  'PAYING, sold',
  'TRADE_CLOSED, returning',
  'TRADE_CLOSED, returned',
]
const AT_THE_GATE: Record<LaneGate, (string | undefined)[]> = {
  'before:prepareOrders': [NO_ROW, NO_ROW, NO_ROW, NO_ROW],
  'after:prepareOrders': [OPEN, OPEN, OPEN, OPEN],
  'before:sellOrders': [OPEN, OPEN, OPEN, OPEN],
  'after:sellOrders': [OPEN, OPEN, OPEN, OPEN],
  'before:confirmOrders': [OPEN, OPEN, OPEN, OPEN],
  'after:confirmOrders': [SOLD, SOLD, OPEN, OPEN],
  'before:voidOrders': [SOLD, SOLD, OPEN, OPEN],
  'after:voidOrders': [SOLD, SOLD, CLOSED, CLOSED],
  'before:rebackOrders': [SOLD, SOLD, CLOSED, CLOSED],
  'after:rebackOrders': [SOLD, SOLD, RETURNED, RETURNED],
}

/** Processes besides the worker. A batch goes on when one of them dies: what it calls, what it writes to, what it runs on. */
const OTHERS = ['temporal', 'postgres', 'goods', 'inventory', 'user'] as const

describe('a batch of the lane between any two steps', () => {
  let stack: TestStack
  let equation: StockEquation

  before(async () => {
    stack = await testStack()
  })

  beforeEach(async () => {
    equation = await StockEquation.of(stack, BATCHED_GOODS)
  })

  it('is done by another worker when its own is killed: what is not decided is handed over, and no stock is lost', async () => {
    const gated = await GatedWorkerProcess.start(stack)
    const batches = await batchesAtEveryGate(stack, gated)
    assert.deepEqual(await stored(batches), AT_THE_GATE)
    await gated.kill()

    const another = await spawnRoot(stack, 'worker', { TASK_QUEUE: gated.taskQueue })
    for (const batch of batches) {
      const states = (await outcomes(batch)).map(({ state }) => state)
      // All steps of a batch are one workflow task: it begins anew, and meets what it left.
      const expected = AT_THE_GATE[batch.gate].map((row, i) => {
        if (row === NO_ROW) return i < 2 ? 'confirmed' : 'refused'
        if (row === SOLD) return 'confirmed'
        return row === RETURNED ? 'refused' : 'handedOver'
      })
      assert.deepEqual(states, expected, batch.gate)
    }
    await assertRight(batches)
    await another.stop()
  })

  describe('goes on when something else is killed, and no stock is lost:', () => {
    let gated: GatedWorkerProcess

    before(async () => {
      gated = await GatedWorkerProcess.start(stack)
    })

    after(async () => {
      await gated.drain()
    })

    for (const part of OTHERS) {
      it(part, async () => {
        const batches = await batchesAtEveryGate(stack, gated)
        const pid = stack.pidOf(part)
        stack.kill(part, 'SIGKILL')
        gated.open(batches)
        for (const batch of batches) await outcomes(batch)
        await assertRight(batches)
        assert.notEqual(stack.pidOf(part), pid)
      })
    }

    it('is settled or handed over as a whole when it is cancelled', async () => {
      const batches = await batchesAtEveryGate(stack, gated)
      await Promise.all(batches.map(({ handle }) => handle.cancel()))
      gated.open(batches)
      for (const { gate, handle } of batches) {
        const ended = await outcome(handle)
        // One that had nothing left to do is not told any more.
        assert.ok('result' in ended || ended.status === 'CancelledFailure', `${gate}: ${JSON.stringify(ended)}`)
      }
      await assertRight(batches)
    })

    for (const when of ['before', 'after'] as const) {
      it(`is settled by the sweep when it is terminated and its effect lands ${when} the sweep`, async () => {
        const batches = await batchesAtEveryGate(stack, gated)
        await Promise.all(batches.map(({ handle }) => handle.terminate('by hand')))
        if (when === 'after') await equation.settled()
        gated.open(batches)
        await equation.assertHolds()
        for (const [gate, rows] of Object.entries(await stored(batches))) {
          for (const row of rows) assert.match(row, /^PAYING, sold$|^TRADE_CLOSED, (none|returned)$|^no row$/, gate)
        }
      })
    }
  })

  /** Returns what each batch made of its orders, after waiting for what it handed over. */
  async function outcomes({ gate, handle }: GatedBatch): Promise<BatchOutcome[]> {
    const ended = await outcome<BatchOutcome[]>(handle)
    assert.ok('result' in ended, `${gate}: ${JSON.stringify(ended)}`)
    for (const one of ended.result) {
      if (one.state === 'handedOver') await outcome(stack.client.workflow.getHandle(one.workflowId))
    }
    return ended.result
  }

  /** Every good order stands, every bad one is refused for what it is, and the stock is what it has to be. */
  async function assertRight(batches: readonly GatedBatch[]): Promise<void> {
    await equation.assertHolds()
    const rows = await storedOrders(stack, ordersOf(batches))
    const end = (orderSn: string) => {
      const { status, refusal_type: why } = rows.get(orderSn) ?? {}
      return why ? `${status} for ${why}` : status
    }
    for (const { gate, orders } of batches) {
      const found = orders.map(({ kind, orderSn }) => `${kind}: ${end(orderSn)}`)
      const expected: Record<Kind, string> = {
        good: 'PAYING',
        'good too': 'PAYING',
        soldOut: 'TRADE_CLOSED for InsufficientStock',
        nobody: 'TRADE_CLOSED for UserNotFound',
      }
      assert.deepEqual(
        found,
        orders.map(({ kind }) => `${kind}: ${expected[kind]}`),
        gate,
      )
    }
  }

  /** Status and stock state of each order, by gate. */
  async function stored(batches: readonly GatedBatch[]): Promise<Record<string, string[]>> {
    const rows = await storedOrders(stack, ordersOf(batches))
    return Object.fromEntries(
      batches.map(({ gate, orders }) => [gate, orders.map(({ orderSn }) => rows.get(orderSn)?.state ?? NO_ROW ?? '')]),
    )
  }
})

function ordersOf(batches: readonly GatedBatch[]) {
  return batches.flatMap(({ orders }) => orders)
}
