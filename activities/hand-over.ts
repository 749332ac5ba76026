import { activityInfo, Context } from '@temporalio/activity'
import type { OrderRequest } from '../contracts/create-order.ts'
import type { Deps } from './deps.ts'

/** Starts at the same time. A busy server is not helped by more, and a heartbeat follows each group. */
const AT_ONCE = 10

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
      const { cancellationSignal, heartbeat } = Context.current()
      const failed: unknown[] = []
      for (let i = 0; i < requests.length; i += AT_ONCE) {
        const group = requests.slice(i, i + AT_ONCE)
        const starts = await Promise.allSettled(group.map((request) => startOwnRun(request, { taskQueue, budgetEndsAt })))
        for (const start of starts) if (start.status === 'rejected') failed.push(start.reason)
        cancellationSignal.throwIfAborted()
        heartbeat()
      }
      if (failed.length > 0) throw failed[0]
    },
  }
}
