import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { type CreateOrderInput, createOrderWorkflowId, PROGRESS_QUERY, type Progress } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { TestStack } from '../support/stack.ts'
import { until } from './faults/until.ts'

/**
 * Time that Sell is in flight when its run is cancelled: below the client's deadline of 3 s, so that it does sell.
 * Milliseconds.
 */
const IN_FLIGHT = 400

/**
 * An order that is really undone: its run is cancelled while Sell is under way at an inventory that stands still. Sell is
 * waited for, and takes the stock; then the order is closed and the stock given back.
 * @returns the run, which is over
 */
export async function compensatedOrder(
  stack: TestStack,
  input: CreateOrderInput & { requestId: string },
): Promise<{ orderSn: string; run: WorkflowHandle; historyUrl: string }> {
  const { client, temporal } = stack
  const workflowId = createOrderWorkflowId(orderSnOf(input))
  stack.kill('inventory', 'SIGSTOP')
  try {
    const run = await client.workflow.start('createOrder', { taskQueue: 'orders', workflowId, args: [input] })
    await until('Sell is under way', async () => {
      assert.equal((await run.query<Progress>(PROGRESS_QUERY)).step, 'sell')
      const { pendingActivities } = (await run.describe()).raw
      assert.ok(pendingActivities?.some(({ activityType, state }) => activityType?.name === 'sell' && `${state}` === '2'))
    })
    await run.cancel()
    await sleep(IN_FLIGHT)
    stack.kill('inventory', 'SIGCONT')
    await assert.rejects(run.result())
    const page = `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows/${encodeURIComponent(workflowId)}`
    return { orderSn: orderSnOf(input), run, historyUrl: `${page}/${run.firstExecutionRunId}` }
  } finally {
    stack.kill('inventory', 'SIGCONT')
  }
}
