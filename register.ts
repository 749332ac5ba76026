import { Client, Connection } from '@temporalio/client'
import { loadRegisterConfig } from './config.ts'
import { run } from './lifecycle.ts'
import { registerSearchAttributes, scheduleSweep } from './temporal/registration.ts'

/** `npm run register`: prepares a Temporal namespace: our search attributes, and the Schedule of the sweep. */
run(async () => {
  const { temporal, taskQueue, sweepEveryMs } = loadRegisterConfig(process.env)
  const connection = await Connection.connect(temporal.connection)
  const client = new Client({ connection, namespace: temporal.namespace })
  const registered = await registerSearchAttributes(client)
  console.log(
    registered.length > 0 ? `registered search attributes: ${registered.join(', ')}` : 'search attributes are registered',
  )
  await scheduleSweep(client, taskQueue, sweepEveryMs)
  console.log(`the sweep runs every ${sweepEveryMs / 1000} s on task queue ${taskQueue}`)
})
