import type { OrderStore } from '../store/order-store.ts'

interface ArchiveDeps {
  orders: Pick<OrderStore, 'archiveOldOrders'>
}

const DAY_MS = 86_400_000

/**
 * Moves orders that are over into the archive, until none is left that is old enough. Cut off, it is run again.
 * @param share percentage of the time for which a batch may be under way
 */
export async function archiveOrders(
  { orders }: ArchiveDeps,
  { olderThanDays, share }: { olderThanDays: number; share: number },
): Promise<string> {
  const { archived } = await orders.archiveOldOrders({ olderThanMs: olderThanDays * DAY_MS, share })
  return `${archived} orders were archived that had been over, and unchanged, for ${olderThanDays} days; one stays for as long as it owes anything, or a payment of it is to be given back`
}
