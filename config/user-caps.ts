import type { WorkerConfig } from './config.ts'

/** What the settings let one user hold unpaid, as the store is given it. */
export function userCaps({
  userMaxUnpaidOrders: unpaidOrders,
  userMaxUnpaidPieces: unpaidPieces,
  userMaxUnpaidValue: unpaidValue,
}: Pick<WorkerConfig, 'userMaxUnpaidOrders' | 'userMaxUnpaidPieces' | 'userMaxUnpaidValue'>) {
  return { unpaidOrders, unpaidPieces, unpaidValue }
}
