import { proxyLocalActivities } from '@temporalio/workflow'
import type { Activities } from '../contracts/activities.ts'
import { type DoStepOfBatch, PARTICIPANTS, type UndoStepOfBatch } from '../contracts/participants/list.ts'
import { LANE_DO_STEP_MS, LANE_STEP_MAX_MS, LANE_STEP_MIN_MS, LANE_STEPS_MS } from '../contracts/time-budget.ts'

/** The steps of a batch. */
export type LaneSteps = Pick<Activities, 'prepareOrders' | DoStepOfBatch | 'confirmOrders' | 'voidOrders' | UndoStepOfBatch>

const SUMMARIES = new Map<keyof LaneSteps, string>([
  ['prepareOrders', 'Record the intents, ask for users and goods'],
  ['confirmOrders', 'Pivot: CREATING becomes PAYING'],
  ['voidOrders', 'Close the refused orders'],
  ...PARTICIPANTS.flatMap(({ do: doing, undo }) =>
    [doing, undo].map(({ stepOfBatch, summaryOfBatch }) => [stepOfBatch, summaryOfBatch] as const),
  ),
])

const DO_STEPS: ReadonlySet<string> = new Set(PARTICIPANTS.map(({ do: { stepOfBatch } }) => stepOfBatch))

/**
 * The steps of a batch, for one workflow task: one quick attempt at each, since the lane retries nothing. A step may take as long as
 * those before it have left of LANE_STEPS_MS; the workflow's clock moves on by what each of them took, in a replay as well. The calls
 * within a step are cut earlier, at the pace of their service (activities/lane-pace.ts).
 *
 * @param isSecondRound see prepareOrders
 */
export function laneSteps(isSecondRound = false): LaneSteps {
  const began = Date.now()
  const quick = (step: keyof LaneSteps) => (argument: unknown) => {
    const leftMs = LANE_STEPS_MS - (Date.now() - began)
    const mostMs = DO_STEPS.has(step) ? LANE_DO_STEP_MS : LANE_STEP_MAX_MS
    const activity = proxyLocalActivities({
      retry: { maximumAttempts: 1 },
      startToCloseTimeout: Math.max(LANE_STEP_MIN_MS, Math.min(mostMs, leftMs)),
      summary: SUMMARIES.get(step) ?? step,
    })[step]
    return step === 'prepareOrders' ? activity?.(argument, isSecondRound) : activity?.(argument)
  }
  return Object.fromEntries([...SUMMARIES.keys()].map((step) => [step, quick(step)])) as unknown as LaneSteps
}
