import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import {
  type ActivityInterceptorsFactory,
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker'
import { handOverActivities } from '../../activities/hand-over.ts'
import { settlingActivities } from '../../activities/settling.ts'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import type { Failure } from '../../contracts/failures.ts'
import { startOwnRun } from '../../temporal/start-own-run.ts'
import { startSettling } from '../../temporal/start-settling.ts'
import { testTemporal } from './temporal.ts'

const CONVERTER = pathOf('../../workflows/payload-converter.ts')

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined

/** The workflows, bundled once for the whole run. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: pathOf('../../workflows/index.ts'),
    payloadConverterPath: CONVERTER,
    logger: new DefaultLogger('ERROR'),
  })
  return bundle
}

/** Must come before the process makes its first worker or native connection; later calls change nothing. */
export function quietRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => {}),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
    })
  } catch {
    // installed already
  }
}

/** Parts by which one server is reached. */
export interface Parts {
  connection: NativeConnection
  client: Client
  namespace?: string
}

/** The test server, and how to leave it. */
export async function connectParts(): Promise<Parts & { close(): Promise<void> }> {
  const { address, namespace } = await testTemporal()
  const connection = await NativeConnection.connect({ address })
  const client = new Client({ connection: await Connection.connect({ address }), namespace })
  return {
    connection,
    client,
    namespace,
    async close() {
      await client.connection.close()
      await connection.close()
    },
  }
}

/** Runs one story against a worker of its own, on a task queue of its own. @param around its activities */
export async function withWorker<T>(
  { connection, client, namespace }: Parts,
  activities: Partial<Activities>,
  story: (start: (type: string, ...args: unknown[]) => Promise<WorkflowHandle>, taskQueue: string) => Promise<T>,
  around: { workflowId?: string; interceptor?: ActivityInterceptorsFactory } = {},
): Promise<T> {
  const taskQueue = `test-${randomUUID()}`
  const worker = await Worker.create({
    connection,
    ...(namespace && { namespace }),
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: { payloadConverterPath: CONVERTER, payloadCodecs: client.options.loadedDataConverter.payloadCodecs },
    activities: {
      ...handOverActivities({ startOwnRun: (request, by) => startOwnRun(client, request, by) }),
      ...settlingActivities({ startSettling: (orderSn, queue) => startSettling(client, orderSn, queue) }),
      ...activities,
    },
    ...(around.interceptor && { interceptors: { activity: [around.interceptor] } }),
    maxConcurrentActivityTaskPolls: 2,
    maxConcurrentWorkflowTaskPolls: 2,
    // Workflows run in this thread: one of its own for each story would cost half a second of CPU time, most of the story.
    debugMode: true,
  })
  return await worker.runUntil(
    story(
      (type, ...args) =>
        client.workflow.start(type, { workflowId: around.workflowId ?? `test-${randomUUID()}`, taskQueue, args }),
      taskQueue,
    ),
  )
}

/** Returns how a run ended: its result, or the typed failure that a caller meets. */
export async function outcome<T = unknown>(
  handle: WorkflowHandle,
): Promise<{ result: T } | { refused: Failure | undefined; status: string }> {
  try {
    return { result: (await handle.result()) as T }
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    return { refused: failureIn(error), status: error.cause?.name ?? '' }
  }
}

function pathOf(module: string): string {
  return fileURLToPath(new URL(module, import.meta.url))
}
