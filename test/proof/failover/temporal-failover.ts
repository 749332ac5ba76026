import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { buildPrograms } from '../../../bench/temporal-server/build-programs.ts'
import { startOnPostgres, type TemporalOnPostgres } from '../../../bench/temporal-server/start-on-postgres.ts'
import { programCommand } from '../../../dev/processes/program-command.ts'
import { runTask } from '../../../dev/processes/run-task.ts'
import { startStack } from '../../../dev/stack.ts'
import { DYNAMIC_CONFIG } from '../../../dev/temporal-settings.ts'
import { connectDatabase } from '../../../store/database.ts'
import { everyUser } from '../../support/every-user.ts'
import { type FailoverReport, runFailover } from './run-failover.ts'
import { SwitchedAddress } from './switched-address.ts'

const PROJECT = join(import.meta.dirname, '../../..')
const SETTINGS = { SWEEP_AFTER_MS: '30001', SWEEP_EVERY_MS: '5000', HTTP_WAIT_MS: '5000', LOG_LEVEL: 'warn' }
/** Number of shards that the two servers share. */
const HISTORY_SHARDS = 4
/** A balancer's health check. Milliseconds. */
const NOTICED_AFTER_MS = 1_000
/** Far below what the load asks of each frontend, in requests a second. */
const LOW_LIMITS = { 'frontend.namespaceRPS': 4, 'frontend.rps': 8 }
/** The server reads its file each ten seconds, and its limiters take over a new rate each minute: so for fifty seconds at least. */
const LIMITED_MS = 120_000

export interface TemporalOptions {
  seed: number
  orders: number
  perSecond: number
  /** `killed`: one of two server processes, by SIGKILL; `limited`: both admit hardly any requests for a minute. */
  blow: 'killed' | 'limited'
  /** Emptied first. */
  dataDir: string
  log: (line: string) => void
}

/** One of two Temporal servers on one PostgreSQL is killed under load, or both are limited. */
export async function temporalFailover(options: TemporalOptions): Promise<FailoverReport> {
  const { dataDir, log, blow } = options
  const programs = await buildPrograms(join(PROJECT, '.data', 'temporal-on-postgres'), log, new AbortController().signal)
  const temporal = await startOnPostgres({
    ...{ programs, dataDir: join(dataDir, '..', 'failover-temporal'), dynamicConfig: DYNAMIC_CONFIG, log },
    ...{ historyShards: HISTORY_SHARDS, servers: 2 },
  })
  const users = await everyUser()
  const [first, second] = temporal.servers.map(({ address }) => Number(address.split(':')[1])) as [number, number]
  const address = await SwitchedAddress.to(first)
  const ends: (() => unknown)[] = [() => temporal.stop(), () => users.stop(), () => address.close()]
  try {
    const at = `127.0.0.1:${address.port}`
    const env = { ...SETTINGS, USER_TARGET: users.address, TEMPORAL_ADDRESS: at }
    await runTask({
      ...{ name: 'register', cwd: PROJECT, logFile: join(dataDir, '..', 'failover-temporal', 'register.log'), onSpawn() {} },
      ...programCommand('composition/register.ts', { ...process.env, ...env }),
    })
    const stack = await startStack({ dataDir, log, anyPorts: true, reset: true, env })
    const killAll = () => stack.killAll()
    process.once('exit', killAll)
    ends.push(async () => {
      await stack.stop()
      process.off('exit', killAll)
    })
    const client = new Client({ connection: await Connection.connect({ address: temporal.servers[1]?.address ?? at }) })
    const db = connectDatabase(stack.databaseUrl, { statementTimeoutMs: 60_000 })
    ends.push(
      () => client.connection.close(),
      () => db.destroy(),
    )
    const strike = blow === 'killed' ? () => kill(temporal, address, second, log) : () => limit(temporal, log)
    const inventoryAddress = `127.0.0.1:${stack.ports.inventory}`
    return await runFailover({ ...{ client, db, inventoryAddress, strike }, httpUrl: stack.httpUrl }, options)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

async function kill(temporal: TemporalOnPostgres, address: SwitchedAddress, other: number, log: (line: string) => void) {
  process.kill(temporal.pid, 'SIGKILL')
  const struckAt = Date.now()
  log('kill -9 of one of two Temporal servers')
  await sleep(NOTICED_AFTER_MS)
  address.turnTo(other)
  return { struckAt, servesAt: Date.now() }
}

async function limit(temporal: TemporalOnPostgres, log: (line: string) => void) {
  await temporal.reconfigure({ ...DYNAMIC_CONFIG, ...LOW_LIMITS })
  const struckAt = Date.now()
  log(`both Temporal servers are limited: ${JSON.stringify(LOW_LIMITS)}`)
  await sleep(LIMITED_MS)
  await temporal.reconfigure(DYNAMIC_CONFIG)
  log('the limits are lifted')
  return { struckAt, servesAt: Date.now() }
}
