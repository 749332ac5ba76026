import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDatabase } from '../../dev/ensure-database.ts'
import { type PostgresServer, startPostgres } from '../../dev/postgres.ts'
import { removePostgresHome } from '../../dev/programs/postgres-home.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { endWithRun } from './end-with-run.ts'

/** Far beyond what any statement of a test takes, and below what a run of CI has. */
const PATIENCE_MS = 15 * 60_000
/** A test is no order: its statements may take as long as a slow machine needs, unless the test is about their deadlines. */
export const PATIENT_STORE = { connectTimeoutMs: PATIENCE_MS, statementTimeoutMs: PATIENCE_MS }

let server: Promise<PostgresServer> | undefined
let databases = 0

/** URL of a fresh, empty database of the one embedded PostgreSQL of this test run, which the first call starts. */
export async function testDatabase(): Promise<string> {
  server ??= start()
  const url = (await server).url(`test_${++databases}`)
  await ensureDatabase(url)
  return url
}

/** The store's connections to a fresh, empty database. */
export async function connectTestDatabase(options: Parameters<typeof connectDatabase>[1] = {}): Promise<Database> {
  return connectDatabase(await testDatabase(), { ...PATIENT_STORE, ...options })
}

async function start(): Promise<PostgresServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'order-saga-test-'))
  const started = await startPostgres({ dataDir, port: 0, durable: false })
  endWithRun(dataDir, {
    async stop() {
      await started.stop()
      await removePostgresHome(started.home)
    },
    kill: () => process.kill(started.pid, 'SIGQUIT'),
  })
  return started
}
