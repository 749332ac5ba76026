import { type LocalActivityOptions, proxyLocalActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/create-activities.ts'

/**
 * One quick attempt: the lane retries nothing. All of them together must stay below the workflow task's time-out, for a
 * workflow timer can't cut a local activity: services 300 ms (activities/deps.ts), the store's statements by these.
 */
const quick: LocalActivityOptions = { retry: { maximumAttempts: 1 }, startToCloseTimeout: '600ms' }

export const { prepareOrders } = proxyLocalActivities<Activities>({
  ...quick,
  summary: 'Record the intents, ask for users and goods',
})
export const { sellOrders } = proxyLocalActivities<Activities>({ ...quick, summary: 'One Sell for each order' })
export const { confirmOrders } = proxyLocalActivities<Activities>({ ...quick, summary: 'Pivot: CREATING becomes PAYING' })
export const { voidOrders } = proxyLocalActivities<Activities>({ ...quick, summary: 'Close the refused orders' })
export const { rebackOrders } = proxyLocalActivities<Activities>({
  ...quick,
  summary: 'Give back what the refused orders may hold',
})
