import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkflowClient, WorkflowHandle } from '@temporalio/client'

/** Far above the second or so by which visibility lags, on a slow and busy machine too. Milliseconds. */
const VISIBLE_WITHIN = 180_000

/**
 * The run that created an order, when it is over: its batch's, or its own if that handed it over.
 * @throws Error if visibility knows of none in time
 */
export async function findRun(client: WorkflowClient, orderSn: string): Promise<WorkflowHandle> {
  for (const deadline = performance.now() + VISIBLE_WITHIN; performance.now() < deadline; await sleep(100)) {
    // The newest comes first.
    for await (const { workflowId, runId } of client.list({ query: `OrderSn = '${orderSn}'`, pageSize: 1 })) {
      const run = client.getHandle(workflowId, runId)
      // The order is answered before its run is over.
      await run.result().catch(() => {})
      return run
    }
  }
  throw new Error(`No run of order ${orderSn} is found in the web UI after ${VISIBLE_WITHIN / 1_000} s`)
}
