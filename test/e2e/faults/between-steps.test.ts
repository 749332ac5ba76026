import assert from 'node:assert/strict'
import type { CreateOrderResult } from '../../../contracts/create-order.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { outcome } from '../../support/workflow-runs.ts'
import { StockEquation } from '../stock.ts'
import { GATED_GOODS, type GatedOrder, ordersAtEveryGate } from './gated-orders.ts'
import { GatedWorkerProcess } from './gated-worker-process.ts'
import { spawnRoot } from './spawn-root.ts'
import { storedOrders } from './stored-orders.ts'

/** State in the store of an order that stands at its gate. */
const AT_THE_GATE = {
  'before:openOrder': 'no row',
  'after:openOrder': 'CREATING, selling',
  'before:getUser': 'CREATING, selling',
  'after:getUser': 'CREATING, selling',
  'before:batchGetGoods': 'CREATING, selling',
  'after:batchGetGoods': 'CREATING, selling',
  'before:sell': 'CREATING, selling',
  'after:sell': 'CREATING, selling',
  'before:confirmOrder': 'CREATING, selling',
  'after:confirmOrder': 'PAYING, sold',
  'before:voidOrder': 'CREATING, selling',
  'after:voidOrder': 'TRADE_CLOSED, returning',
  'before:reback': 'TRADE_CLOSED, returning',
  'after:reback': 'TRADE_CLOSED, returned',
}

describe('an order between any two steps', () => {
  let stack: TestStack
  let equation: StockEquation

  before(async () => {
    stack = await testStack()
  })

  beforeEach(async () => {
    equation = await StockEquation.of(stack, GATED_GOODS)
  })

  it('goes on with another worker when its own is killed, and no stock is lost', async () => {
    const gated = await GatedWorkerProcess.start(stack)
    const orders = await ordersAtEveryGate(stack, gated)
    assert.deepEqual(await stored(orders), AT_THE_GATE)
    await gated.kill()

    const another = await spawnRoot(stack, 'worker', { TASK_QUEUE: gated.taskQueue })
    for (const { gate, orderSn, handle } of orders) {
      const ended = await outcome<CreateOrderResult>(handle)
      const answer = 'result' in ended ? `${ended.result.status} ${ended.result.orderSn}` : ended.refused?.type
      assert.equal(answer, isUndo(gate) ? 'OrderClosed' : `PAYING ${orderSn}`, gate)
    }
    await equation.assertHolds()
    assert.deepEqual(
      Object.entries(await stored(orders)),
      orders.map(({ gate }) => [gate, isUndo(gate) ? 'TRADE_CLOSED, returned' : 'PAYING, sold']),
    )
    await another.stop()
  })

  for (const when of ['before', 'after'] as const) {
    it(`is settled by the sweep when its run is terminated and its effect lands ${when} the sweep`, async () => {
      const gated = await GatedWorkerProcess.start(stack)
      const orders = await ordersAtEveryGate(stack, gated)
      await Promise.all(orders.map(({ handle }) => handle.terminate('by hand')))
      if (when === 'after') await equation.settled()
      gated.open(orders)
      await gated.drain()

      await equation.assertHolds()
      for (const [gate, row] of Object.entries(await stored(orders))) {
        if (gate === 'after:confirmOrder') assert.equal(row, 'PAYING, sold', gate)
        else if (gate === 'before:confirmOrder' && when === 'before') assert.match(row, /^PAYING, sold$|^TRADE_CLOSED, returned$/)
        else assert.equal(row, 'TRADE_CLOSED, returned', gate)
      }
    })
  }

  it('is settled by its own run when that is cancelled', async () => {
    const gated = await GatedWorkerProcess.start(stack)
    const orders = await ordersAtEveryGate(stack, gated)
    await Promise.all(orders.map(({ handle }) => handle.cancel()))
    gated.open(orders)
    const ended = await Promise.all(orders.map(({ handle }) => outcome<CreateOrderResult>(handle)))
    await gated.drain()

    await equation.assertHolds()
    const rows = Object.entries(await stored(orders))
    for (const [i, [gate, row]] of rows.entries()) {
      const end = ended[i]
      // At the pivot the order may be faster than its cancellation; then it stands, and says so.
      if (gate.endsWith(':confirmOrder') && end && 'result' in end) {
        assert.equal(row, 'PAYING, sold', gate)
        continue
      }
      assert.match(row, /^TRADE_CLOSED, (none|returned)$/, gate)
      const how = isUndo(gate) ? 'ApplicationFailure' : 'CancelledFailure'
      assert.equal(end && 'status' in end && end.status, how, gate)
    }
  })

  /** Status and stock state by gate. */
  async function stored(orders: readonly GatedOrder[]): Promise<Record<string, string>> {
    const rows = await storedOrders(stack, orders)
    return Object.fromEntries(orders.map(({ gate, orderSn }) => [gate, rows.get(orderSn)?.state ?? 'no row']))
  }
})

/** These were refused before they came to their gate. */
function isUndo(gate: string): boolean {
  return /:(voidOrder|reback)$/.test(gate)
}
