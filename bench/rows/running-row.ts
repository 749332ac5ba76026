import { join } from 'node:path'
import { startDemoIssuer } from '../../dev/demo-callers.ts'
import { ensureDatabase } from '../../dev/ensure-database.ts'
import { payloadSettings, recipientSettings } from '../../dev/payload-settings.ts'
import type { RunningPart } from '../../dev/processes/part.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import type { Door } from '../load-messages.ts'
import type { Parts } from '../parts.ts'
import { ROWS, type RowKey } from './rows.ts'

/** Tokens of a row whose callers have some: as many as it has callers, whatever is measured. */
const TOKENS = 64
const PROJECT = join(import.meta.dirname, '../..')

/** A row whose processes stand ready. */
export interface RunningRow {
  key: RowKey
  url: string
  /** Door by which its orders come. */
  door: { door: Door; urls: string[]; tokens?: string[] }
  taskQueue: string
  databaseUrl: string
  /** Processes by the names of their programs. */
  pids: Record<string, number[]>
  /** Stops its processes where they are (SIGSTOP): what waits for its turn takes no CPU time, not even for polling. */
  pause(): void
  resume(): void
  /** Orders that stand in its database. */
  countOrders(): Promise<number>
  stop(): Promise<void>
}

/**
 * Starts the processes of one row, on a database and a task queue of its own, and pauses them.
 * @param replicas number of each of its processes
 * @throws Error with the end of the log of the process that did not become ready
 */
export async function startRow(key: RowKey, parts: Parts, replicas = 1): Promise<RunningRow> {
  const row = ROWS[key]
  const databaseUrl = parts.databaseUrl(`bench_${key}`)
  await ensureDatabase(databaseUrl)
  await withDatabase(databaseUrl, migrate)

  const issuer = 'guarded' in row ? await startDemoIssuer() : undefined
  const tokens = issuer && (await Promise.all(Array.from({ length: TOKENS }, () => issuer.shopToken())))
  const taskQueue = `bench-${key}-${replicas}-${parts.run}`
  const env = {
    ...parts.envFor(row.services),
    DATABASE_URL: databaseUrl,
    TASK_QUEUE: taskQueue,
    // A caller that is answered to look again later would send its next order at once, and the load would have no end.
    ...(!('patience' in row) && { HTTP_WAIT_MS: '60000' }),
    LOG_LEVEL: 'warn',
    ...('env' in row && row.env),
    ...('encrypted' in row && payloadSettings(parts.logsDir, row.encrypted)),
    ...(issuer && { ...issuer.env, ...recipientSettings(parts.logsDir, true) }),
  }
  const places: { http: string; grpc: string; addresses: NodeJS.ProcessEnv }[] = []
  for (let i = 0; i < replicas; i++) places.push(await freePlace())
  const urls = places.map(({ http }) => http)
  const running: RunningPart[] = []
  const pids: Record<string, number[]> = {}
  const signalAll = (signal: NodeJS.Signals) => {
    for (const { pid } of running) process.kill(pid, signal)
  }
  const stop = async () => {
    signalAll('SIGCONT')
    await Promise.all(running.map((part) => part.stop()))
  }
  try {
    for (const [i, { http, addresses }] of places.entries()) {
      for (const { name, file } of row.programs) {
        const as = replicas === 1 ? `${key}-${name}` : `${key}-${name}-${i + 1}-of-${replicas}`
        const program = programCommand(file, { ...env, ...addresses })
        const part = await spawnPart({
          name: `${row.title}, ${name}`,
          ...program,
          args: [...parts.nodeArgs(as), ...program.args],
          cwd: PROJECT,
          ipc: true,
          logFile: join(parts.logsDir, `${as}.log`),
          // The first answered order shows it for the others: the load waits for that order before it measures.
          isHealthy: name === 'starter' ? () => isReady(http) : async () => true,
          onSpawn: (pid) => parts.onSpawn(as, pid),
        })
        running.push(part)
        pids[name] = [...(pids[name] ?? []), part.pid]
      }
    }
  } catch (error) {
    await stop()
    throw error
  }
  signalAll('SIGSTOP')
  return {
    key,
    url: urls[0] as string,
    door:
      'door' in row
        ? { door: row.door, urls: places.map(({ grpc }) => grpc) }
        : { door: 'http', urls, ...(tokens && { tokens }) },
    taskQueue,
    databaseUrl,
    pids,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    countOrders: () => withDatabase(databaseUrl, countOrders),
    stop,
  }
}

/** Addresses of one replica. */
async function freePlace() {
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()]
  return {
    http: `http://127.0.0.1:${http}`,
    grpc: `http://127.0.0.1:${grpc}`,
    addresses: { HTTP_ADDR: `127.0.0.1:${http}`, GRPC_ADDR: `127.0.0.1:${grpc}`, METRICS_ADDR: `127.0.0.1:${metrics}` },
  }
}

async function withDatabase<T>(url: string, use: (db: Database) => Promise<T>): Promise<T> {
  const db = connectDatabase(url)
  return await use(db).finally(() => db.destroy())
}

async function countOrders(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('orders')
    .select((on) => on.fn.countAll<number>().as('count'))
    .where('status', '=', 'PAYING')
    .executeTakeFirstOrThrow()
  return count
}

async function isReady(url: string): Promise<boolean> {
  const { status } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
  return status === 200
}
