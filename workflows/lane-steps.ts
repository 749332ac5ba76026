import { proxyLocalActivities } from '@temporalio/workflow'
import type { Activities } from '../contracts/activities.ts'
import { LANE_STEP_MAX_MS, LANE_STEP_MIN_MS, LANE_STEPS_MS } from '../contracts/create-orders.ts'

const SUMMARIES = {
  prepareOrders: 'Record the intents, ask for users and goods',
  sellOrders: 'One Sell for each order',
  confirmOrders: 'Pivot: CREATING becomes PAYING',
  voidOrders: 'Close the refused orders',
  rebackOrders: 'Give back what the refused orders may hold',
}
type Step = keyof typeof SUMMARIES

/**
 * The steps of a batch, for one workflow task: one quick attempt at each, since the lane retries nothing. A step may take as long as
 * those before it have left of LANE_STEPS_MS; the workflow's clock moves on by what each of them took, in a replay as well. The calls
 * within a step are cut earlier, at the pace of their service (activities/lane-pace.ts).
 *
 * @param isSecondRound see prepareOrders
 */
export function laneSteps(isSecondRound = false): Pick<Activities, Step> {
  const began = Date.now()
  const quick = (step: Step) => {
    const leftMs = LANE_STEPS_MS - (Date.now() - began)
    return proxyLocalActivities<Activities>({
      retry: { maximumAttempts: 1 },
      startToCloseTimeout: Math.max(LANE_STEP_MIN_MS, Math.min(LANE_STEP_MAX_MS, leftMs)),
      summary: SUMMARIES[step],
    })
  }
  return {
    prepareOrders: (requests) => quick('prepareOrders').prepareOrders(requests, isSecondRound),
    sellOrders: (sales) => quick('sellOrders').sellOrders(sales),
    confirmOrders: (confirmations) => quick('confirmOrders').confirmOrders(confirmations),
    voidOrders: (intents) => quick('voidOrders').voidOrders(intents),
    rebackOrders: (sales) => quick('rebackOrders').rebackOrders(sales),
  }
}
