import type { Logger } from 'pino'
import type { RunningService } from './serve.ts'

/**
 * The life of a process that runs services: start them, say where each listens (one line each on stdout, which a parent
 * reads), and stop them on SIGTERM, on SIGINT, or when the parent that holds our IPC channel is gone, so that nothing
 * outlives a killed dev stack. Ends the process: 0 after a stop, 1 where a service could not start (stderr says why).
 */
export async function run(log: Logger, start: () => Promise<RunningService>[]): Promise<void> {
  let stopping: Promise<never> | undefined
  const started = startAll(start)
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
    process.on(event, () => {
      // Below npm a terminal's Ctrl-C comes twice: only the first counts.
      if (!stopping) log.info({ event }, 'stopping')
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
