import type { WorkerConfig } from './config.ts'

/** Returns the caps of the settings on what one user may hold unpaid, as the store takes them. */
export function userCaps({
  userMaxUnpaidOrders: unpaidOrders,
  userMaxUnpaidPieces: unpaidPieces,
  userMaxUnpaidValue: unpaidValue,
}: Pick<WorkerConfig, 'userMaxUnpaidOrders' | 'userMaxUnpaidPieces' | 'userMaxUnpaidValue'>) {
  return { unpaidOrders, unpaidPieces, unpaidValue }
}
