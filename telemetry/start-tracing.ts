import type { WorkflowClientInterceptor } from '@temporalio/client'
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { TracesTo } from './traces-to.ts'

/** Interceptors by which a trace goes on through Temporal's client and worker. */
export interface Tracing {
  client: WorkflowClientInterceptor[]
  worker: {
    activity: ActivityInterceptorsFactory[]
    /** Bundled with the workflows. */
    workflowModules: string[]
    sinks: NonNullable<WorkerOptions['sinks']>
  }
  /** Sends what is left, for at most 3 s: a collector that is away must not hold up the end of the process. */
  stop(): Promise<void>
}

/**
 * Switches tracing on for this process, before anything that is to be traced. Our own spans (HTTP, gRPC, SQL) are made through
 * @opentelemetry/api and cost next to nothing without it; nothing else of OpenTelemetry is loaded then.
 * @param service name of this process in traces; `OTEL_SERVICE_NAME` overrides it
 * @returns `undefined` if there are to be no traces
 */
export async function startTracing(to: TracesTo | undefined, service: string, log: Logger): Promise<Tracing | undefined> {
  if (!to) return undefined
  const { openTelemetry } = await import('./open-telemetry.ts')
  log.info({ to: to.url, protocol: to.protocol }, 'sending traces')
  return await openTelemetry(to, service, log)
}
