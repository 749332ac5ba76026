import type { Activities } from './activities.ts'
import { type DoStepOfBatch, PARTICIPANTS, type UndoStepOfBatch } from './participants/list.ts'

/** A step of the lane, for a whole batch. */
export type BatchStep = 'prepareOrders' | DoStepOfBatch | 'confirmOrders' | 'voidOrders' | UndoStepOfBatch

/** Steps that a head start makes ahead of the run: they are recorded with the first one, and named there. */
const AHEAD = [...PARTICIPANTS.map(({ do: { stepOfBatch } }) => stepOfBatch), 'confirmOrders'].join(', ')

/** The lane's steps, and for each the summary that the web UI and the operators' command line show. */
export const BATCH_SUMMARIES: ReadonlyMap<BatchStep & keyof Activities, string> = new Map<BatchStep, string>([
  ['prepareOrders', `Record the intents, ask for users and goods; a head start: ${AHEAD} too`],
  ['confirmOrders', 'Pivot: CREATING becomes PAYING'],
  ['voidOrders', 'Close the refused orders'],
  ...PARTICIPANTS.flatMap(({ do: doing, undo }) =>
    [doing, undo].map(({ stepOfBatch, summaryOfBatch }) => [stepOfBatch, summaryOfBatch] as const),
  ),
])
