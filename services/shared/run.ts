import { type Logger, pino } from 'pino'
import type { RunningService } from '../../rpc/server/serve.ts'
import { createLogger } from '../../telemetry/logging.ts'
import { readConfig, type ServiceName, type ServicesConfig } from '../config.ts'

/**
 * The life of a process that runs services: read their settings, start them, say where each listens (one line each on stdout,
 * which a parent reads), and stop them on SIGTERM, on SIGINT, or when the parent that holds our IPC channel is gone, so that
 * nothing outlives a killed dev stack. Ends the process: 0 after a stop, 1 if a service could not start (stderr has the reason).
 * @param name of the process, in its log
 * @param start gets a signal by which it ends what it still waits for
 */
export async function run<Name extends ServiceName>(
  name: string,
  wanted: readonly Name[],
  start: (config: ServicesConfig<Name>, log: Logger, signal: AbortSignal) => Promise<RunningService>[],
): Promise<void> {
  const config = configOrEnd(wanted)
  const { logLevel: level, logFormat: format } = config as ServicesConfig<ServiceName>
  // JSON lines on stderr: stdout is for the lines that a parent reads. Written at once, so that none is lost at exit.
  const log = createLogger({ name, level, format }, pino.destination({ dest: 2, sync: true }))
  let stopping: Promise<never> | undefined
  const stop = new AbortController()
  const started = startAll(() => start(config, log, stop.signal))
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
    process.on(event, () => {
      // Below npm a terminal's Ctrl-C comes twice: only the first counts.
      if (!stopping) log.info({ event }, 'stopping')
      stop.abort()
      stopping ??= started.then(({ running }) => stopAll(log, running, 0))
    })
  }

  const { running, problems } = await started
  if (stopping) return stopping
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem)
    return stopAll(log, running, 1)
  }
  for (const { name, address } of running) console.log(`${name} listening on ${address}`)
}

function configOrEnd<Name extends ServiceName>(wanted: readonly Name[]): ServicesConfig<Name> {
  try {
    return readConfig(process.env, wanted)
  } catch (error) {
    console.error(messageOf(error))
    process.exit(1)
  }
}

async function startAll(start: () => Promise<RunningService>[]): Promise<{ running: RunningService[]; problems: string[] }> {
  try {
    const results = await Promise.allSettled(start())
    return {
      running: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
      problems: results.flatMap((result) => (result.status === 'rejected' ? messageOf(result.reason) : [])),
    }
  } catch (error) {
    return { running: [], problems: [messageOf(error)] }
  }
}

async function stopAll(log: Logger, running: RunningService[], exitCode: number): Promise<never> {
  for (const result of await Promise.allSettled(running.map((service) => service.stop()))) {
    if (result.status === 'rejected') log.error({ err: result.reason }, 'a service did not stop cleanly')
  }
  process.exit(exitCode)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
