import { ConfigError } from './config.ts'

/**
 * Resolves with its name when the process is asked to stop: by a signal, or by the death of a parent that forked it. A second
 * signal changes nothing: the drain under way is bounded.
 */
export function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
    if (process.channel) {
      process.once('disconnect', () => resolve('the end of its parent'))
      process.channel.unref()
    }
  })
}

/** Runs a composition root; what it can't go on with is told in plain words, and the process ends with status 1. */
export function run(main: () => Promise<void>): void {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error instanceof ConfigError ? error.message : error)
      process.exit(1)
    },
  )
}
