import type { Logger } from 'pino'
import { ConfigError } from '../config/config-error.ts'

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

/**
 * Runs a composition root, and ends the process behind it, with the status that the root has set (`process.exitCode`) or 0; what it can't go on with is reported in plain words,
 * and the status is 1.
 */
export function run(main: () => Promise<void>): void {
  main().then(
    () => process.exit(),
    (error: unknown) => {
      // Asked to stop while it still waited for others.
      if (error instanceof Error && error.name === 'AbortError') process.exit(0)
      // What we throw ourselves says all in its message; a stack is for defects.
      const told = error instanceof ConfigError || (error instanceof Error && error.constructor === Error)
      console.error(told ? error.message : error)
      process.exit(1)
    },
  )
}

/**
 * Keeps the process alive when a promise is rejected that nobody waits for. That is a defect, and logged as one; but orders of others
 * are under way here, and what this one decided stands in the store.
 */
export function surviveRejections(log: Pick<Logger, 'error'>): void {
  process.on('unhandledRejection', (reason) => {
    // The message of a service's or the database's error may hold personal data.
    const { name, stack } = reason instanceof Error ? reason : { name: typeof reason, stack: undefined }
    const at = stack?.split('\n').filter((line) => /^\s+at /.test(line))
    log.error({ error: { type: name, at } }, 'a promise was rejected that nobody waited for')
  })
}
