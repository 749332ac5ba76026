import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { testTemporal } from '../support/temporal.ts'

const DAY_S = 86_400

/** A client in a namespace of its own of the one dev server: empty, without search attributes of ours. Close its connection. */
export async function freshNamespace(): Promise<Client & { connection: Connection }> {
  const { address } = await testTemporal()
  const connection = await Connection.connect({ address })
  const namespace = `test-${randomUUID()}`
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: DAY_S as never },
  })
  const client = new Client({ connection, namespace })
  // The parts of the server learn of it one after the other.
  for (;;) {
    try {
      await connection.operatorService.listSearchAttributes({ namespace })
      for await (const _ of client.schedule.list()) break
      await client.workflow.count()
      return client as Client & { connection: Connection }
    } catch (error) {
      if (!/not found/i.test(String((error as Error).message) + String((error as { cause?: unknown }).cause))) throw error
      await sleep(100)
    }
  }
}
