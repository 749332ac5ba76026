import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { workflowStamp } from '../composition/workflow-stamp.ts'
import { tracesTo } from '../telemetry/traces-to.ts'
import { dataFolderError } from './data-folder-error.ts'
import { ensureAccount } from './ensure-account.ts'
import { ensureDatabase } from './ensure-database.ts'
import { fingerprintSettings } from './fingerprint-settings.ts'
import { payloadSettings } from './payload-settings.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'
import { makePrivateFolder } from './private-folder.ts'
import { endLeftovers } from './processes/end-leftovers.ts'
import { isServing } from './processes/grpc-health.ts'
import { type LaunchRecord, openLaunchRecord } from './processes/launch-record.ts'
import { orAborted } from './processes/or-aborted.ts'
import type { Part } from './processes/part.ts'
import { choosePorts, DEFAULT_PORTS, freePort, type PortName, type Ports } from './processes/ports.ts'
import { programCommand } from './processes/program-command.ts'
import { runTask } from './processes/run-task.ts'
import { spawnPart } from './processes/spawn-part.ts'
import { Supervisor } from './processes/supervisor.ts'
import { findPostgresHome, removePostgresHome } from './programs/postgres-home.ts'
import { findTemporalCli } from './programs/temporal-cli.ts'
import { startTemporalServer } from './temporal-server.ts'

export interface StackOptions {
  /** Everything that the stack keeps; logs in its `logs/`. Made when absent, and closed to other accounts. One stack at a time may use it. */
  dataDir: string
  /** One line per event: what is ready, what died, what was found where. */
  log: (line: string) => void
  /** Any free ports, if a second stack must not take the default ones. @default the default ports or the next free ones */
  anyPorts?: boolean
  /** Empties the data folder first. */
  reset?: boolean
  /** Encrypts what runs hold in Temporal. */
  encrypted?: boolean
  /** True: rows hold fingerprints under a key that stands in the data folder. @default false */
  fingerprintKeys?: boolean
  /** One's own PostgreSQL for the orders. @default the embedded one */
  databaseUrl?: string | undefined
  /** One's own PostgreSQL for the reference inventory. @default the embedded one */
  inventoryDatabaseUrl?: string | undefined
  /** Number of worker processes: `worker`, `worker-2`, … @default 1 */
  workers?: number
  /** More environment for worker, starter and registration. */
  env?: Record<string, string>
  /** Cuts the start off; what was started is stopped. */
  signal?: AbortSignal
}

export interface Stack {
  /** Port on which each part really listens, on 127.0.0.1. */
  ports: Ports
  temporal: { address: string; namespace: string; uiUrl: string }
  /** Base URL of the HTTP starter. */
  httpUrl: string
  /** The orders, as the owner of the tables reaches them. */
  databaseUrl: string
  inventoryDatabaseUrl: string
  /** The complete settings of worker and starter: fit for a process of one's own beside them. */
  env: NodeJS.ProcessEnv
  logsDir: string
  pidOf(name: string): number | undefined
  /** Sends a signal; a part that dies of it is started again after a moment. */
  kill(name: string, signal: NodeJS.Signals): void
  /** Stops a part in order, and leaves it so until `startPart`. */
  stopPart(name: string): Promise<void>
  startPart(name: string): Promise<void>
  /** Stops everything in order, callers before what they call. */
  stop(): Promise<void>
  /** Ends everything at this moment. */
  killAll(): void
}

/** One question about a part's health; the next one follows. Milliseconds. */
const ANSWERS_WITHIN = 10_000

/** Roles of the embedded PostgreSQL, as in production: what starter and worker may not do there, they can't do here either. */
const ROLES = { DATABASE_APP_ROLE: 'orders_app', DATABASE_OPERATOR_ROLE: 'orders_operator' }

const PROJECT = join(import.meta.dirname, '..')

/**
 * Starts the whole of order-saga on this machine and waits until every part is healthy.
 * @throws Error that names the part that failed, with the end of its log; nothing is left running then
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir)
  const { log, signal } = options
  const record = claim(dataDir)
  const supervisor = new Supervisor(record, log)
  const stop = async () => {
    const callers = ['starter', ...workerNames(options)]
    await supervisor.stopAll([callers, ['goods', 'inventory', 'user', 'temporal'], ['postgres']])
    record.close()
  }
  try {
    await endLeftovers(record, log)
    if (options.reset) await reset(dataDir)
    const starting = bringUp({ ...options, dataDir }, supervisor)
    const started = await (signal ? orAborted(starting, signal) : starting)
    return {
      ...started,
      pidOf: (name) => supervisor.part(name).pid,
      kill: (name, sent) => supervisor.part(name).kill(sent),
      stopPart: (name) => supervisor.part(name).stop(),
      startPart: (name) => supervisor.part(name).start(),
      stop,
      killAll: () => supervisor.killAll(),
    }
  } catch (error) {
    await stop()
    throw dataFolderError(error, dataDir)
  }
}

function claim(dataDir: string): LaunchRecord {
  try {
    makePrivateFolder(dataDir)
    return openLaunchRecord(dataDir)
  } catch (error) {
    throw dataFolderError(error, dataDir)
  }
}

async function bringUp(options: StackOptions, supervisor: Supervisor) {
  const { dataDir, log } = options
  const ports = await choosePorts({ any: options.anyPorts ?? false })
  for (const [name, port] of Object.entries(ports) as [PortName, number][]) {
    if (!options.anyPorts && port !== DEFAULT_PORTS[name]) log(`${name}: port ${DEFAULT_PORTS[name]} is taken, using ${port}`)
  }
  const at = (name: PortName) => `127.0.0.1:${ports[name]}`
  const logsDir = join(dataDir, 'logs')
  const logFileOf = (name: string) => join(logsDir, `${name}.log`)
  const common: NodeJS.ProcessEnv = {
    ...payloadSettings(dataDir, options.encrypted ?? false),
    ...(options.fingerprintKeys && fingerprintSettings(dataDir)),
    ...(await cleanEnvironment(dataDir)),
  }

  /** A process of this project. */
  function program(name: string, file: string, env: NodeJS.ProcessEnv, address: string, isHealthy: () => Promise<boolean>): Part {
    return {
      name,
      at: address,
      stopSignal: 'SIGTERM',
      start: (onSpawn) => spawnPart({ ...node(name, file, env), ipc: true, isHealthy, onSpawn }),
    }
  }
  function node(name: string, file: string, env: NodeJS.ProcessEnv) {
    return { name, ...programCommand(file, { ...common, ...env }), cwd: PROJECT, logFile: logFileOf(name) }
  }
  const task = (name: string, file: string, env: NodeJS.ProcessEnv, further: string[] = []) => {
    const { args, ...rest } = node(name, file, env)
    return supervisor.runTask(name, (onSpawn) => runTask({ ...rest, args: [...args, ...further], onSpawn }))
  }
  const service = (name: 'goods' | 'inventory' | 'user', env: NodeJS.ProcessEnv) =>
    supervisor.start(program(name, `services/${name}/main.ts`, env, at(name), () => isServing(at(name))))

  const databases = startDatabases(options, supervisor, ports.postgres, logFileOf('postgres'))
  const temporal = startTemporal(options, supervisor, ports, logFileOf('temporal'))
  const migrated = databases.then(({ databaseUrl }) =>
    task('migrate', 'composition/migrate.ts', { ...(options.databaseUrl ? {} : ROLES), DATABASE_URL: databaseUrl }),
  )
  /** The orders as starter and worker reach them: by accounts of a PostgreSQL of one's own as they are. */
  const forApp = Promise.all([databases, migrated]).then(([{ databaseUrl }]) =>
    options.databaseUrl ? databaseUrl : ensureAccount(databaseUrl, { name: 'orders_app_1', role: ROLES.DATABASE_APP_ROLE }),
  )
  const registered = temporal.then(({ address }) =>
    task('register', 'composition/register.ts', { ...options.env, TEMPORAL_ADDRESS: address }),
  )

  // With traces, or payloads that are encrypted, worker and starter have to bundle for themselves.
  const bundlesItself = tracesTo(common) || { ...common, ...options.env }.PAYLOAD_ENCRYPTION === 'encode'
  const bundle = common.WORKFLOW_BUNDLE || bundlesItself ? undefined : join(dataDir, 'workflow-bundle.js')
  let bundled = Promise.resolve()
  /** Once for worker and starter, which would each do it for themselves, at the same time; anew only if a workflow has changed since. */
  function bundleWorkflows(): Promise<void> {
    bundled = bundled
      .catch(() => {})
      .then(async () => {
        if (!bundle) return
        const made = await readFile(bundle, 'utf8').catch(() => '')
        if (!made.startsWith(await workflowStamp())) await task('bundle', 'composition/bundle.ts', {}, [bundle])
      })
    return bundled
  }
  /** A part that runs workflows, and refuses a bundle of others than there are: they may be edited while the stack is up. */
  const withWorkflows = (part: Part): Part => ({ ...part, start: (onSpawn) => bundleWorkflows().then(() => part.start(onSpawn)) })
  const firstBundle = bundleWorkflows()

  async function startServices() {
    const inventory = databases.then(({ inventoryDatabaseUrl }) =>
      service('inventory', { INVENTORY_ADDR: at('inventory'), INVENTORY_DATABASE_URL: inventoryDatabaseUrl }),
    )
    await Promise.all([service('goods', { GOODS_ADDR: at('goods') }), service('user', { USER_ADDR: at('user') }), inventory])
  }

  async function startWorkersAndStarter() {
    const [appUrl, { address, namespace, uiUrl }] = await Promise.all([forApp, temporal, firstBundle])
    const env = {
      ...(bundle && { WORKFLOW_BUNDLE: bundle }),
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_UI_URL: uiUrl,
      DATABASE_URL: appUrl,
      GOODS_TARGET: at('goods'),
      INVENTORY_TARGET: at('inventory'),
      USER_TARGET: at('user'),
      METRICS_ADDR: at('workerMetrics'),
      HTTP_ADDR: at('http'),
      GRPC_ADDR: at('grpc'),
      ...options.env,
    }
    await Promise.all([
      ...workerNames(options).map(async (name, i) => {
        const metrics = i === 0 ? at('workerMetrics') : `127.0.0.1:${await freePort()}`
        const url = `http://${metrics}`
        const worker = program(name, 'worker.ts', { ...env, METRICS_ADDR: metrics }, url, () => answers(`${url}/readyz`))
        await supervisor.start(withWorkflows(worker))
      }),
      supervisor.start(withWorkflows(program('starter', 'starter.ts', env, httpUrl, () => answers(`${httpUrl}/readyz`)))),
    ])
    return env
  }

  const httpUrl = `http://${at('http')}`
  const [env] = await Promise.all([startWorkersAndStarter(), startServices(), registered])
  return {
    ports,
    temporal: await temporal,
    httpUrl,
    ...(await databases),
    env: { ...common, ...env },
    logsDir,
  }
}

async function startDatabases(options: StackOptions, supervisor: Supervisor, port: number, logFile: string) {
  const { dataDir, log, databaseUrl, inventoryDatabaseUrl } = options
  if (databaseUrl && inventoryDatabaseUrl) return { databaseUrl, inventoryDatabaseUrl }
  let server: PostgresServer | undefined
  await mkdir(join(logFile, '..'), { recursive: true })
  await supervisor.start({
    name: 'postgres',
    at: `127.0.0.1:${port}`,
    stopSignal: 'SIGINT',
    async start(onSpawn) {
      server = await startPostgres({ dataDir: postgresDir(dataDir), port, log, logFile, onSpawn })
      return server
    },
  })
  const url = async (name: string) => {
    const embedded = (server as PostgresServer).url(name)
    await ensureDatabase(embedded)
    return embedded
  }
  return {
    databaseUrl: databaseUrl ?? (await url('orders')),
    inventoryDatabaseUrl: inventoryDatabaseUrl ?? (await url('inventory')),
  }
}

async function startTemporal(options: StackOptions, supervisor: Supervisor, ports: Ports, logFile: string) {
  const { dataDir, log } = options
  const cli = await findTemporalCli({ log })
  const server = { cli, port: ports.temporal, uiPort: ports.temporalUi, dbFile: join(dataDir, 'temporal.db'), logFile }
  const address = `127.0.0.1:${ports.temporal}`
  const uiUrl = `http://127.0.0.1:${ports.temporalUi}`
  await supervisor.start({
    name: 'temporal',
    at: `${address}, web UI ${uiUrl}`,
    stopSignal: 'SIGTERM',
    start: (onSpawn) =>
      startTemporalServer({ ...server, onSpawn }).catch((error: Error) => {
        throw new Error(`${error.message}\nIf its data is damaged, remove ${server.dbFile}, or empty the folder (--reset).`)
      }),
  })
  return { address, namespace: 'default', uiUrl }
}

/**
 * The caller's environment without what would lead our processes elsewhere: Temporal's own settings and profiles, and
 * the settings of parts that are given theirs one by one.
 */
async function cleanEnvironment(dataDir: string): Promise<NodeJS.ProcessEnv> {
  const profiles = join(dataDir, 'temporal.toml')
  await writeFile(profiles, '[profile.default]\n')
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_') && name !== 'INVENTORY_DATABASE_URL')
  return { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: profiles }
}

async function answers(url: string): Promise<boolean> {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN) })
  return status === 200
}

/** Everything but the record of this launch itself. */
async function reset(dataDir: string) {
  await removePostgresHome(await findPostgresHome(postgresDir(dataDir)))
  for (const name of await readdir(dataDir)) {
    if (name !== 'launch.json') await rm(join(dataDir, name), { recursive: true, force: true })
  }
}

function postgresDir(dataDir: string): string {
  return join(dataDir, 'postgres')
}

function workerNames({ workers = 1 }: StackOptions): string[] {
  return Array.from({ length: workers }, (_, i) => (i === 0 ? 'worker' : `worker-${i + 1}`))
}
