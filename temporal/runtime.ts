import { createServer } from 'node:net'
import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'

/** Log levels of the SDK; pino's `fatal` and `silent` are none of them. */
const SDK_LEVELS: Record<string, LogLevel> = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' }
const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

/**
 * Sets the SDK's process-wide runtime up, once, before any worker: it logs through `logger`, and serves the SDK's own metrics
 * on a port of loopback.
 * @returns that address, `host:port`
 */
export async function installRuntime(logger: Logger): Promise<string> {
  const bindAddress = `127.0.0.1:${await freePort()}`
  Runtime.install({
    logger: new DefaultLogger(SDK_LEVELS[logger.level] ?? 'ERROR', ({ level, message, meta }) => {
      logger[PINO_LEVELS[level]](meta ?? {}, message)
    }),
    telemetryOptions: {
      metrics: {
        prometheus: { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
      },
    },
    // worker.ts decides when to stop; the SDK's own handlers would stop the worker under it.
    shutdownSignals: [],
  })
  return bindAddress
}

/** Returns a free port: the SDK does not report which one it took, so it has to be given one. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
