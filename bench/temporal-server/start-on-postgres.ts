import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { ensureDatabase } from '../../dev/ensure-database.ts'
import { type PostgresServer, startPostgres } from '../../dev/postgres.ts'
import { endLeftovers } from '../../dev/processes/end-leftovers.ts'
import { openLaunchRecord } from '../../dev/processes/launch-record.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import { findPostgresHome, removePostgresHome } from '../../dev/programs/postgres-home.ts'
import type { TemporalPrograms } from './build-programs.ts'
import { DATABASES, SERVICE_NAMES, type ServerPlan, serverConfig } from './server-config.ts'

const run = promisify(execFile)

export interface StartOptions {
  programs: TemporalPrograms
  /** Folder of everything that it keeps; its database is emptied first. */
  dataDir: string
  /** Settings by their names; all others as the server has them. */
  dynamicConfig: DynamicConfig
  historyShards: number
  /** Server processes on one database, which share its shards. @default 1 */
  servers?: number
  /** A line for each step. */
  log: (line: string) => void
}

type DynamicConfig = Readonly<Record<string, unknown>>

export interface TemporalOnPostgres {
  /** Address and process of the first server. */
  address: string
  pid: number
  /** All server processes. */
  servers: readonly { address: string; pid: number }[]
  /** Gives all of them other dynamic settings, which each reads within ten seconds; its rate limiters take them over within a minute more. */
  reconfigure(dynamicConfig: DynamicConfig): Promise<void>
  /** Process of its PostgreSQL. */
  databasePid: number
  /** Ends it and its PostgreSQL. */
  stop(): Promise<void>
}

/** The namespace that the dev server has from the start; a real server starts without any but its own. */
const NAMESPACE = 'default'
const RETENTION = '1 day'
/** gRPC status NOT_FOUND. */
const NOT_FOUND = 5
/** Schemas that its SQL tool brings, by database. */
const SCHEMAS = { main: 'postgresql/v12/temporal', visibility: 'postgresql/v12/visibility' } as const

/**
 * A Temporal server on 127.0.0.1 with everything in a PostgreSQL of its own, which syncs each commit to disk, and the
 * namespace `default`.
 * @throws Error with the end of a log when either does not start; nothing is left running then
 */
export async function startOnPostgres(options: StartOptions): Promise<TemporalOnPostgres> {
  const { programs, dataDir, dynamicConfig, historyShards, servers: count = 1, log } = options
  const record = openLaunchRecord(dataDir)
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const end of stops.reverse()) await end()
    record.close()
  }
  try {
    await endLeftovers(record, log)
    const postgresDir = join(dataDir, 'postgres')
    await removePostgresHome(await findPostgresHome(postgresDir))
    const postgres = await startPostgres({
      dataDir: postgresDir,
      port: 0,
      log,
      onSpawn: (pid) => record.add('postgres', pid, 'SIGINT'),
    })
    stops.push(() => postgres.stop())
    log(`PostgreSQL for Temporal: 127.0.0.1:${postgres.port}`)
    await createSchemas(postgres, programs.sqlTool, log)

    const dynamicConfigFile = join(dataDir, 'config', 'dynamic.yaml')
    await writeDynamic(dynamicConfigFile, dynamicConfig)
    const taken = new Set<number>()
    const servers: { address: string; pid: number }[] = []
    for (let n = 1; n <= count; n++) {
      const name = n === 1 ? 'temporal' : `temporal-${n}`
      const { configFile, address } = await writeConfig(postgres, { name, dynamicConfigFile, historyShards, taken })
      const logFile = join(dataDir, `${name}.log`)
      await rm(logFile, { force: true })
      const server = await spawnPart({
        name,
        command: programs.server,
        args: ['--config-file', configFile, '--allow-no-auth', 'start'],
        logFile,
        isHealthy: () => hasNamespace(address),
        onSpawn: (pid) => record.add(name, pid, 'SIGTERM'),
      })
      stops.push(() => server.stop())
      log(`Temporal server ${programs.version} on PostgreSQL: ${address}, namespace ${NAMESPACE}`)
      servers.push({ address, pid: server.pid })
    }
    const [first] = servers
    if (!first) throw new RangeError('servers must be 1 or more')
    const reconfigure = (values: DynamicConfig) => writeDynamic(dynamicConfigFile, values)
    return { ...first, servers, reconfigure, databasePid: postgres.pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createSchemas(postgres: PostgresServer, sqlTool: string, log: (line: string) => void) {
  for (const [name, schema] of Object.entries(SCHEMAS) as [keyof typeof SCHEMAS, string][]) {
    const url = postgres.url(DATABASES[name])
    await ensureDatabase(url)
    const { hostname, port, username, password } = new URL(url)
    const account = { SQL_USER: username, SQL_PASSWORD: password }
    const database = { SQL_PLUGIN: 'postgres12', SQL_HOST: hostname, SQL_PORT: port, SQL_DATABASE: DATABASES[name] }
    const env = { ...process.env, ...database, ...account }
    await run(sqlTool, ['setup-schema', '--version', '0.0'], { env })
    await run(sqlTool, ['update-schema', '--schema-name', schema], { env })
    log(`database ${DATABASES[name]}: schema ${schema}`)
  }
}

interface ServerFiles {
  /** Name of the server process, and of its configuration. */
  name: string
  dynamicConfigFile: string
  historyShards: number
  /** Ports that are promised to others, to which its own are added. */
  taken: Set<number>
}

async function writeConfig(postgres: PostgresServer, { name, dynamicConfigFile, historyShards, taken }: ServerFiles) {
  const port = async () => {
    const chosen = await freePort(0, taken)
    taken.add(chosen)
    return chosen
  }
  const ports = {} as ServerPlan['ports']
  for (const service of SERVICE_NAMES) ports[service] = { grpc: await port(), membership: await port() }

  const { username, password } = new URL(postgres.url(DATABASES.main))
  const configFile = join(dynamicConfigFile, '..', `${name}.yaml`)
  const account = { port: postgres.port, user: username, password }
  await writeYaml(configFile, serverConfig({ postgres: account, ports, dynamicConfigFile, historyShards }))
  return { configFile, address: `127.0.0.1:${ports.frontend.grpc}` }
}

async function writeDynamic(file: string, dynamicConfig: DynamicConfig) {
  await mkdir(dirname(file), { recursive: true })
  const values = Object.entries(dynamicConfig).map(([name, value]) => [name, [{ value, constraints: {} }]])
  await writeYaml(file, Object.fromEntries(values))
}

/** JSON is YAML. For our eyes only: a password is in it. */
async function writeYaml(file: string, content: object) {
  await rm(file, { force: true })
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 })
}

/** Registers the namespace once the server answers; it is there for workflows when its own list has it. */
async function hasNamespace(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 })
  const { workflowService } = connection
  try {
    await workflowService.describeNamespace({ namespace: NAMESPACE })
    await workflowService.listWorkflowExecutions({ namespace: NAMESPACE })
    return true
  } catch (error) {
    if ((error as { code?: number }).code !== NOT_FOUND) throw error
    await workflowService.registerNamespace({ namespace: NAMESPACE, workflowExecutionRetentionPeriod: msToTs(RETENTION) })
    return false
  } finally {
    await connection.close()
  }
}
