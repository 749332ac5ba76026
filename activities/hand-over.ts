import { activityInfo } from '@temporalio/activity'
import type { OrderRequest } from '../contracts/create-order.ts'
import type { Deps } from './deps.ts'
import { startEach } from './start-each.ts'

export function handOverActivities({ startOwnRun }: Pick<Deps, 'startOwnRun'>) {
  return {
    /**
     * Starts a createOrder for each order that a batch hands over. Twice is once: a run is named after its order's key, and one that starts
     * again behind the first's end answers from the row. One start that fails holds up none of the others.
     *
     * @throws what the first failed start threw, after all were tried
     */
    async handOverOrders(requests: OrderRequest[], budgetEndsAt: string): Promise<void> {
      const { taskQueue } = activityInfo()
      await startEach(requests, (request) => startOwnRun(request, { taskQueue, budgetEndsAt }))
    },
  }
}
