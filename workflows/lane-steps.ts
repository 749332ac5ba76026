import { proxyLocalActivities } from '@temporalio/workflow'
import type { Activities } from '../contracts/activities.ts'
import { BATCH_SUMMARIES, type BatchStep } from '../contracts/batch-summaries.ts'
import { PARTICIPANTS } from '../contracts/participants/list.ts'
import type { Preparation } from '../contracts/steps.ts'
import { LANE_DO_STEP_MS, LANE_STEP_MAX_MS, LANE_STEP_MIN_MS, LANE_STEPS_MS } from '../contracts/time-budget.ts'

/** The steps of a batch. */
export type LaneSteps = Pick<Activities, BatchStep>

const DO_STEPS: ReadonlySet<string> = new Set(PARTICIPANTS.map(({ do: { stepOfBatch } }) => stepOfBatch))

/**
 * The steps of a batch, for one workflow task: one quick attempt at each, since the lane retries nothing. A step may take as long as
 * those before it have left of LANE_STEPS_MS; the workflow's clock moves on by what each of them took, in a replay as well. The calls
 * within a step are cut earlier, at the pace of their service (activities/lane-pace.ts). A step that a head start made ahead is answered by what
 * prepareOrders brought along: it costs the run no activity.
 *
 * @param isSecondRound see prepareOrders
 */
export function laneSteps(isSecondRound = false): LaneSteps {
  const began = Date.now()
  const ahead = new Map<string, unknown>()
  const quick =
    (step: BatchStep) =>
    async (...args: unknown[]) => {
      if (ahead.has(step)) {
        const answer = ahead.get(step)
        ahead.delete(step)
        return answer
      }
      const leftMs = LANE_STEPS_MS - (Date.now() - began)
      const mostMs = DO_STEPS.has(step) ? LANE_DO_STEP_MS : LANE_STEP_MAX_MS
      const activity = proxyLocalActivities({
        retry: { maximumAttempts: 1 },
        startToCloseTimeout: Math.max(LANE_STEP_MIN_MS, Math.min(mostMs, leftMs)),
        summary: BATCH_SUMMARIES.get(step) ?? step,
      })[step]
      return await activity?.(...args)
    }
  const steps = Object.fromEntries([...BATCH_SUMMARIES.keys()].map((step) => [step, quick(step)])) as unknown as LaneSteps
  return {
    ...steps,
    async prepareOrders(requests) {
      const prepared = (await quick('prepareOrders')(requests, isSecondRound)) as Preparation
      for (const { step, answer } of prepared.ahead ?? []) ahead.set(step, answer)
      return prepared
    },
  }
}
