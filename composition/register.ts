import { Client } from '@temporalio/client'
import { loadRegisterConfig } from '../config/config.ts'
import { ARCHIVE_EVERY_MS, CLOSE_EVERY_MS, DELIVER_EVERY_MS } from '../contracts/time-budget.ts'
import { registerSearchAttributes, scheduleEvery } from '../temporal/registration.ts'
import type { ScheduleId } from '../temporal/scheduled.ts'
import { clientConverter } from './client-converter.ts'
import { run } from './lifecycle.ts'
import { reachTemporal } from './reach-temporal.ts'

/** `npm run register`: prepares a Temporal namespace: our search attributes and our Schedules. */
run(async () => {
  const config = loadRegisterConfig(process.env)
  const { temporal, taskQueue, sweepEveryMs, reconcileEveryMs } = config
  const connection = await reachTemporal(temporal.connection)
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter: clientConverter(config, console.error) })
  /** Period of each Schedule, and what it does, in the words of a line that ends with the period. */
  const schedules: Record<ScheduleId, { everyMs: number; told: string }> = {
    'sweep-orders': { everyMs: sweepEveryMs, told: `the sweep runs on task queue ${taskQueue}` },
    'reconcile-stock': { everyMs: reconcileEveryMs, told: 'orders and inventory are compared' },
    'deliver-events': {
      everyMs: DELIVER_EVERY_MS,
      told: 'events are delivered, if a worker has EVENTS_WEBHOOK_URL, and old ones removed,',
    },
    'close-due-orders': { everyMs: CLOSE_EVERY_MS, told: 'orders whose payment is overdue are closed' },
    'archive-orders': { everyMs: ARCHIVE_EVERY_MS, told: 'old orders are archived, if a worker has ARCHIVE_AFTER_MS,' },
  }
  for (const [id, { everyMs, told }] of Object.entries(schedules)) {
    await scheduleEvery(client, id as ScheduleId, taskQueue, everyMs)
    console.log(`${told} every ${everyMs / 1000} s`)
  }
  // Last: a worker that waits for them looks at the Schedules next.
  const registered = await registerSearchAttributes(client)
  console.log(
    registered.length > 0 ? `registered search attributes: ${registered.join(', ')}` : 'search attributes are registered',
  )
})
