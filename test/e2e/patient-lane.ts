import type { WorkflowInterceptorsFactory } from '@temporalio/workflow'

/** Lets the lane's steps take a minute: one that halts at a gate is not given up for it, and its effect is still to come. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleLocalActivity: (input, next) => next({ ...input, options: { ...input.options, startToCloseTimeout: '1m' } }),
    },
  ],
})
