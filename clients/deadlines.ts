/** Deadline of one call, in milliseconds (docs/origin.md). Each must stay below the startToClose of workflows/steps.ts. */
export const DEADLINES_MS = { goods: 5_000, inventory: 3_000, user: 2_000 } as const
