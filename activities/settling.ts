import { activityInfo } from '@temporalio/activity'
import type { Deps } from './deps.ts'
import { startEach } from './start-each.ts'

export function settlingActivities({ startSettling }: Pick<Deps, 'startSettling'>) {
  return {
    /**
     * Starts a settleOrder for each of these orders. Twice is once: one that a run settles already gets no other, and one that is settled
     * is left as it is. One start that fails holds up none of the others.
     *
     * @throws what the first failed start threw, after all were tried
     */
    async startSettling(orderSns: string[]): Promise<void> {
      const { taskQueue } = activityInfo()
      await startEach(orderSns, (orderSn) => startSettling(orderSn, taskQueue))
    },
  }
}
