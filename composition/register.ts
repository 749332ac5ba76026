import { Client } from '@temporalio/client'
import { loadRegisterConfig } from '../config/config.ts'
import { registerSearchAttributes, scheduleEvery } from '../temporal/registration.ts'
import { run } from './lifecycle.ts'
import { reachTemporal } from './reach-temporal.ts'

/** `npm run register`: prepares a Temporal namespace: our search attributes, the Schedules of the sweep and of the reconciliation. */
run(async () => {
  const { temporal, taskQueue, sweepEveryMs, reconcileEveryMs } = loadRegisterConfig(process.env)
  const connection = await reachTemporal(temporal.connection)
  const client = new Client({ connection, namespace: temporal.namespace })
  const registered = await registerSearchAttributes(client)
  console.log(
    registered.length > 0 ? `registered search attributes: ${registered.join(', ')}` : 'search attributes are registered',
  )
  await scheduleEvery(client, 'sweep-orders', taskQueue, sweepEveryMs)
  console.log(`the sweep runs every ${sweepEveryMs / 1000} s on task queue ${taskQueue}`)
  await scheduleEvery(client, 'reconcile-stock', taskQueue, reconcileEveryMs)
  console.log(`orders and inventory are compared every ${reconcileEveryMs / 1000} s`)
})
