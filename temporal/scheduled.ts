import { WORKFLOW_TYPES } from '../contracts/create-order.ts'

/** The workflows that run by Schedule: id of the Schedule and of its runs, and the workflow. `npm run register` creates all of them. */
export const SCHEDULED = {
  'sweep-orders': WORKFLOW_TYPES.sweepOrders,
  'reconcile-stock': WORKFLOW_TYPES.reconcileStock,
  'deliver-events': WORKFLOW_TYPES.deliverEvents,
  'close-due-orders': WORKFLOW_TYPES.closeDueOrders,
  'archive-orders': WORKFLOW_TYPES.archiveOrders,
} as const

export type ScheduleId = keyof typeof SCHEDULED
