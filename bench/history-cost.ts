import type { Client } from '@temporalio/client'
import { ORDER_SN } from '../contracts/search-attributes.ts'
import type { CostPerOrder } from './report/results.ts'

/** Executions that are looked at for one cell: enough for a mean, and few enough for a server that is still busy. */
const SAMPLE = 500

/** Events and bytes of history that one order caused, over the executions that began and ended within a window. */
export async function historyCost({ workflow }: Client, taskQueue: string, from: Date, to: Date): Promise<CostPerOrder> {
  const query =
    `TaskQueue = '${taskQueue}' AND ExecutionStatus != 'Running' AND ` +
    `StartTime >= '${from.toISOString()}' AND StartTime <= '${to.toISOString()}'`
  const orders = new Set<string>()
  let events = 0
  let bytes = 0
  let seen = 0
  for await (const { workflowId, historyLength, historySize = 0, typedSearchAttributes } of workflow.list({ query })) {
    // A batch names each of its orders; what names none is one.
    for (const order of typedSearchAttributes.get(ORDER_SN) ?? [workflowId]) orders.add(order)
    events += historyLength
    bytes += historySize
    if (++seen === SAMPLE) break
  }
  return orders.size === 0 ? {} : { events: events / orders.size, historyBytes: bytes / orders.size }
}
