import { Context } from '@temporalio/activity'

/** Starts at the same time. A busy server is not helped by more, and a heartbeat follows each group. */
const AT_ONCE = 10

/**
 * Starts a run for each of many, in groups. One start that fails holds up none of the others.
 * @throws what the first failed start threw, after all were tried
 */
export async function startEach<T>(all: readonly T[], start: (one: T) => Promise<void>): Promise<void> {
  const { cancellationSignal, heartbeat } = Context.current()
  const failed: unknown[] = []
  for (let i = 0; i < all.length; i += AT_ONCE) {
    const starts = await Promise.allSettled(all.slice(i, i + AT_ONCE).map(start))
    for (const one of starts) if (one.status === 'rejected') failed.push(one.reason)
    cancellationSignal.throwIfAborted()
    heartbeat()
  }
  if (failed.length > 0) throw failed[0]
}
