import { Client, Connection } from '@temporalio/client'
import { type Stack, startStack } from '../../dev/stack.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { endWithRun } from './end-with-run.ts'
import { onEnd } from './on-end.ts'
import { PATIENT_STORE } from './postgres.ts'
import { tempDir } from './temp-dir.ts'

export interface TestStack extends Stack {
  client: Client
  db: Database
}

/**
 * Time that a caller waits before it is answered 202. It is below the 300 s for which Node's fetch waits for an answer.
 * Milliseconds.
 */
const PATIENT_MS = '240000'
/** Settings of a stack whose callers are answered what became of their order, however slow the machine is. */
export const PATIENT_STACK = { HTTP_WAIT_MS: PATIENT_MS, LOG_LEVEL: 'warn' }

let stack: Promise<TestStack> | undefined

/**
 * The whole of order-saga as real processes on free ports, shared by the e2e tests of this mocha run; the first call starts
 * it. Its sweep is quick: once a test has aged its orders (age-orders.ts), those without an open run are settled within seconds.
 */
export function testStack(): Promise<TestStack> {
  stack ??= start()
  return stack
}

async function start(): Promise<TestStack> {
  const dataDir = await tempDir()
  const lines: string[] = []
  const env = { SWEEP_AFTER_MS: '30001', SWEEP_EVERY_MS: '3000', ...PATIENT_STACK }
  const started = await startStack({ dataDir, log: (line) => lines.push(line), anyPorts: true, env }).catch((error: unknown) => {
    throw new Error(`the stack did not start:\n${lines.join('\n')}`, { cause: error })
  })
  endWithRun(dataDir, { stop: () => started.stop(), kill: () => started.killAll() })
  const { address, namespace } = started.temporal
  const client = new Client({ connection: await Connection.connect({ address }), namespace })
  const db = connectDatabase(started.databaseUrl, PATIENT_STORE)
  onEnd(async () => {
    await client.connection.close()
    await db.destroy()
  })
  return { ...started, client, db }
}
