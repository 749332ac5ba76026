import { Client } from '@temporalio/client'
import { loadRegisterConfig } from '../config/config.ts'
import { CLOSE_EVERY_MS, DELIVER_EVERY_MS } from '../contracts/time-budget.ts'
import { registerSearchAttributes, scheduleEvery } from '../temporal/registration.ts'
import { clientConverter } from './client-converter.ts'
import { run } from './lifecycle.ts'
import { reachTemporal } from './reach-temporal.ts'

/** `npm run register`: prepares a Temporal namespace: our search attributes and our Schedules. */
run(async () => {
  const config = loadRegisterConfig(process.env)
  const { temporal, taskQueue, sweepEveryMs, reconcileEveryMs } = config
  const connection = await reachTemporal(temporal.connection)
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter: clientConverter(config, console.error) })
  const registered = await registerSearchAttributes(client)
  console.log(
    registered.length > 0 ? `registered search attributes: ${registered.join(', ')}` : 'search attributes are registered',
  )
  await scheduleEvery(client, 'sweep-orders', taskQueue, sweepEveryMs)
  console.log(`the sweep runs every ${sweepEveryMs / 1000} s on task queue ${taskQueue}`)
  await scheduleEvery(client, 'reconcile-stock', taskQueue, reconcileEveryMs)
  console.log(`orders and inventory are compared every ${reconcileEveryMs / 1000} s`)
  await scheduleEvery(client, 'deliver-events', taskQueue, DELIVER_EVERY_MS)
  console.log(
    `events are delivered every ${DELIVER_EVERY_MS / 1000} s, where a worker has EVENTS_WEBHOOK_URL, and old ones removed`,
  )
  await scheduleEvery(client, 'close-due-orders', taskQueue, CLOSE_EVERY_MS)
  console.log(`orders whose payment is overdue are closed every ${CLOSE_EVERY_MS / 1000} s`)
})
