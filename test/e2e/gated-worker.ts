import { once } from 'node:events'
import { Client } from '@temporalio/client'
import { type ActivityInterceptorsFactory, NativeConnection } from '@temporalio/worker'
import { LanePace } from '../../activities/lane-pace.ts'
import { run, stopRequested } from '../../composition/lifecycle.ts'
import { createOrderWorker } from '../../composition/order-worker.ts'
import { loadWorkerConfig } from '../../config/config.ts'
import { failureOf } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import { connectDatabase } from '../../store/database.ts'
import { orderStore } from '../../store/order-store.ts'
import { createLogger } from '../../telemetry/logging.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { installRuntime } from '../../temporal/runtime.ts'

/**
 * worker.ts with gates: a run whose workflow id ends in `#before:sell` halts before the effect of its sell, one with
 * `#after:sell` behind it, in every attempt, until the parent that forked this process opens its gate; local activities wait
 * as long. Orders that have a gate at an undo are refused by confirmOrder, so that they get there.
 * To the parent: 'polling', then the workflow id of each run that halts. From it: the workflow ids of runs that may pass, for
 * ever. A SIGTERM waits for the activities under way.
 */
run(async () => {
  const config = loadWorkerConfig(process.env)
  const stop = stopRequested()
  const logger = createLogger({ name: 'worker', level: config.logLevel, format: config.logFormat })
  await installRuntime(logger)
  const { temporal } = config
  const connection = await NativeConnection.connect(temporal.connection)
  const db = connectDatabase(config.databaseUrl, { onError: (error) => logger.warn(error.message) })
  const { worker } = await createOrderWorker({
    config,
    connection,
    client: new Client({ connection, namespace: temporal.namespace }),
    orders: orderStore(db),
    logger,
    metrics: createMetrics(),
    signal: new AbortController().signal,
    // On a busy machine too every order gets to its gate.
    lanePace: new LanePace({ floorMs: 30_000, ceilingMs: 30_000 }),
    onWait: (party) => logger.warn(`waiting for ${party}`),
    interceptors: [gates],
  })
  const polling = worker.run()
  process.send?.('polling')
  await stop
  worker.shutdown()
  await polling
})

const opened = new Set<string>()
// One listener for each run that halts, beside this one, which hears the message first.
process.setMaxListeners(0)
process.on('message', (workflowIds: string[]) => {
  for (const workflowId of workflowIds) opened.add(workflowId)
})

async function halt(workflowId: string): Promise<void> {
  while (!opened.has(workflowId)) {
    process.send?.(workflowId)
    await once(process, 'message')
  }
}

function gates({ info }: Parameters<ActivityInterceptorsFactory>[0]): ReturnType<ActivityInterceptorsFactory> {
  const { activityType: step, workflowExecution: { workflowId } = { workflowId: '' } } = info
  const [, gate] = workflowId.split('#')
  return {
    inbound: {
      async execute(input, next) {
        if (step === 'confirmOrder' && /:(voidOrder|reback)$/.test(gate ?? '')) {
          throw failureOf(failure('OrderClosed', 'this order is to be undone'))
        }
        if (gate === `before:${step}`) await halt(workflowId)
        const result = await next(input)
        if (gate === `after:${step}`) await halt(workflowId)
        return result
      },
    },
  }
}
