import { type LocalActivityOptions, proxyLocalActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/create-activities.ts'
import { LANE_STEP_MAX_MS } from '../contracts/create-orders.ts'

/** One quick attempt: the lane retries nothing. Calls within it are cut earlier, at the pace of their service (activities/lane-pace.ts). */
const quick: LocalActivityOptions = { retry: { maximumAttempts: 1 }, startToCloseTimeout: LANE_STEP_MAX_MS }

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
