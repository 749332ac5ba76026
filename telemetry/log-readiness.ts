import type { Logger } from 'pino'

/**
 * The log of a readiness probe: one line for each change of its verdict, however often it asks.
 * @returns takes each verdict: what is missing, or `''`
 */
export function logReadiness(log: Pick<Logger, 'info' | 'warn'>): (missing: string) => void {
  let last = ''
  return (missing) => {
    if (missing === last) return
    last = missing
    if (missing) log.warn({ missing }, 'not ready')
    else log.info('ready again')
  }
}
