import { forEachParticipant } from '../contracts/participants/list.ts'

/** Deadline of one call, in milliseconds (docs/origin.md). Each must stay below the startToClose of workflows/steps.ts. */
export const DEADLINES_MS = { goods: 5_000, user: 2_000, ...forEachParticipant(({ deadlineMs }) => deadlineMs) } as const
