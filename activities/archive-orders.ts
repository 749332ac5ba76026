import { Context } from '@temporalio/activity'
import type { ArchiveActivities } from '../contracts/activities.ts'
import type { ArchiveRound } from '../contracts/steps.ts'
import { ARCHIVE_ROUND_MS } from '../contracts/time-budget.ts'
import type { OrderStore } from '../store/order-store.ts'
import { callStore } from './order-store-call.ts'

interface ArchiveDeps {
  orders: Pick<OrderStore, 'archiveOldOrders'>
  /** Time since its last change after which an order that is over is archived, in milliseconds. @default none is */
  archiveAfterMs?: number | undefined
  /** Percentage of the time for which a batch may be under way. */
  archiveShare: number
  /** Called after each batch with the number of orders that it moved. */
  onArchived?: (orders: number) => void
}

/** The activity that moves old orders into the archive. An attempt that is cut off, or comes twice, loses nothing: each batch is one statement. */
export function archiveActivities({ orders, archiveAfterMs, archiveShare, onArchived }: ArchiveDeps): ArchiveActivities {
  return {
    async archiveRound(): Promise<ArchiveRound> {
      if (archiveAfterMs === undefined) return { archived: 0, more: false }
      const { cancellationSignal: signal } = Context.current()
      return await callStore('archiveOldOrders', () =>
        orders.archiveOldOrders({
          ...{ olderThanMs: archiveAfterMs, share: archiveShare, forMs: ARCHIVE_ROUND_MS, signal },
          ...(onArchived && { onBatch: onArchived }),
        }),
      )
    },
  }
}
