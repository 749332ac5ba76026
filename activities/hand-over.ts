import { activityInfo } from '@temporalio/activity'
import { createOrderWorkflowId, type OrderRequest } from '../contracts/create-order.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import type { Deps } from './deps.ts'
import { startEach } from './start-each.ts'

export function handOverActivities({ startOwnRun }: Pick<Deps, 'startOwnRun'>) {
  return {
    /**
     * Starts a createOrder for each order that a batch hands over. Twice is once: a run is named after its order, and one that starts
     * again behind the first's end answers from the row. One start that fails holds up none of the others.
     *
     * @returns the Workflow Id of each run, in the order of the requests: the batch has no SHA-256 to compute it by
     * @throws what the first failed start threw, after all were tried
     */
    async handOverOrders(requests: OrderRequest[], budgetEndsAt: string): Promise<string[]> {
      const { taskQueue } = activityInfo()
      await startEach(requests, (request) => startOwnRun(request, { taskQueue, budgetEndsAt }))
      return requests.map((request) => createOrderWorkflowId(orderSnOf(request)))
    },
  }
}
