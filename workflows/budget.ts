import { CancellationScope, sleep } from '@temporalio/workflow'

/**
 * Runs a story that is cancelled when its time is up. A timer of ours, not the execution timeout: that one would end the
 * compensation too. What the story has in flight then decides when it ends (steps.ts: effects are waited for).
 * @param onExpiry called before the story is cancelled
 */
export async function withinBudget<T>(ms: number, onExpiry: () => void, story: () => Promise<T>): Promise<T> {
  const storyScope = new CancellationScope()
  const timerScope = new CancellationScope()
  timerScope
    .run(() => sleep(ms, { summary: 'Budget: the order is given up and settled when it is over' }))
    .then(
      () => {
        onExpiry()
        storyScope.cancel()
      },
      () => {}, // the story was faster
    )
  try {
    return await storyScope.run(story)
  } finally {
    timerScope.cancel()
  }
}
