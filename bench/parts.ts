import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { UserClient } from '../clients/user-client.ts'
import { startPostgres } from '../dev/postgres.ts'
import { endLeftovers } from '../dev/processes/end-leftovers.ts'
import { openLaunchRecord } from '../dev/processes/launch-record.ts'
import type { RunningPart } from '../dev/processes/part.ts'
import { freePort } from '../dev/processes/ports.ts'
import { identify, isRunning, type ProcessIdentity } from '../dev/processes/process-identity.ts'
import { spawnPart } from '../dev/processes/spawn-part.ts'
import { findPostgresHome, removePostgresHome } from '../dev/programs/postgres-home.ts'
import { findTemporalCli } from '../dev/programs/temporal-cli.ts'
import { startTemporalServer } from '../dev/temporal-server.ts'
import { registerSearchAttributes } from '../temporal/registration.ts'
import { type LoadGenerator, startLoadGenerator } from './load-generator.ts'
import type { BenchOptions } from './options.ts'
import { ROWS, SERVICES, type ServicesName } from './rows/rows.ts'

/** Parts that all rows share. */
export interface Parts {
  /** Names this bench in task queues, so that two on one Temporal server keep apart. */
  run: string
  client: Client
  temporalVersion: string
  load: LoadGenerator
  /** Processes by name, for CPU times. */
  pids: Record<string, number[]>
  /** Settings of the processes of a row that calls these services, complete but for their own. */
  envFor(services: ServicesName): NodeJS.ProcessEnv
  databaseUrl(name: string): string
  logsDir: string
  /** More arguments for a process: those for its CPU profile, if `BENCH_PROFILE` names a folder. */
  nodeArgs(name: string): string[]
  /** Remembers a process, so that the next bench ends it if this one can't. */
  onSpawn(name: string, pid: number): void
  stop(): Promise<void>
}

const PROJECT = join(import.meta.dirname, '..')

/**
 * Starts PostgreSQL (durable), Temporal, the stub services and the load generator, on an empty data folder.
 * @throws Error saying which did not start; nothing is left running then
 */
export async function startParts(options: BenchOptions, log: (line: string) => void): Promise<Parts> {
  const { dataDir } = options
  const record = openLaunchRecord(dataDir)
  const stops: (() => Promise<void>)[] = []
  const spawned: ProcessIdentity[] = []
  const stop = async () => {
    for (const end of stops.reverse()) await end()
    // What was only just starting when the bench was stopped.
    for (const left of spawned.filter(isRunning)) process.kill(left.pid, 'SIGKILL')
    while (spawned.some(isRunning)) await sleep(20)
    record.close()
  }
  const onSpawn = (name: string, pid: number) => {
    const identity = identify(pid)
    if (identity) spawned.push(identity)
    record.add(name, pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM')
  }
  try {
    await endLeftovers(record, log)
    const postgresDir = join(dataDir, 'postgres')
    const logsDir = join(dataDir, 'logs')
    await removePostgresHome(await findPostgresHome(postgresDir))
    for (const name of ['logs', 'temporal']) await rm(join(dataDir, name), { recursive: true, force: true })
    for (const name of ['logs', 'temporal']) await mkdir(join(dataDir, name), { recursive: true })

    const postgres = await startPostgres({ dataDir: postgresDir, port: 0, log, onSpawn: (pid) => onSpawn('postgres', pid) })
    stops.push(() => postgres.stop())
    const names = [...new Set(options.rows.map((key) => ROWS[key].services))]
    const services: Partial<Record<ServicesName, RunningPart & { address: string }>> = {}
    for (const name of names) {
      const running = await startServices(name, logsDir, onSpawn)
      services[name] = running
      stops.push(() => running.stop())
    }
    const { address, pids, ...temporal } = await startTemporal(options, join(dataDir, 'temporal'), logsDir, log, onSpawn)
    if (temporal.stop) stops.push(temporal.stop)
    const load = await startLoadGenerator((pid) => onSpawn('load', pid))
    stops.push(() => load.stop())

    const connection = await Connection.connect({ address })
    stops.push(() => connection.close())
    const client = new Client({ connection })
    await registerSearchAttributes(client)
    const clean = await cleanEnvironment(dataDir)
    const { serverVersion } = await connection.workflowService.getSystemInfo({})
    return {
      run: Date.now().toString(36),
      client,
      temporalVersion: serverVersion ?? 'unknown',
      load,
      pids: {
        temporal: pids,
        ...(options.temporalDatabasePids.length > 0 && { 'temporal database': options.temporalDatabasePids }),
        postgres: [postgres.pid],
        services: Object.values(services).map(({ pid }) => pid),
        load: [load.pid],
      },
      envFor(name) {
        const target = services[name]?.address
        return { ...clean, TEMPORAL_ADDRESS: address, GOODS_TARGET: target, INVENTORY_TARGET: target, USER_TARGET: target }
      },
      databaseUrl: (name) => postgres.url(name),
      logsDir,
      nodeArgs: (name) => {
        const dir = process.env.BENCH_PROFILE
        return dir ? ['--cpu-prof', `--cpu-prof-dir=${join(dir, name)}`] : []
      },
      onSpawn,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startServices(name: ServicesName, logsDir: string, onSpawn: Parts['onSpawn']) {
  const address = `127.0.0.1:${await freePort()}`
  const probe = new UserClient({ target: address, deadlineMs: 1_000 })
  const running = await spawnPart({
    name: `the services (${name})`,
    command: process.execPath,
    args: ['--import', 'tsx', SERVICES[name]],
    cwd: PROJECT,
    env: { ...process.env, STUB_ADDR: address },
    ipc: true,
    logFile: join(logsDir, `${name}-services.log`),
    isHealthy: async () => (await probe.getUserById(1)).id === 1,
    onSpawn: (pid) => onSpawn(`${name}-services`, pid),
  }).finally(() => probe.close())
  return { ...running, address }
}

async function startTemporal(
  { temporal, temporalPids }: BenchOptions,
  dir: string,
  logsDir: string,
  log: (line: string) => void,
  onSpawn: Parts['onSpawn'],
): Promise<{ address: string; pids: number[]; stop?: () => Promise<void> }> {
  if (temporal !== undefined) return { address: temporal, pids: temporalPids }
  const server = await startTemporalServer({
    cli: await findTemporalCli({ log }),
    port: await freePort(),
    uiPort: await freePort(),
    dbFile: join(dir, 'temporal.db'),
    logFile: join(logsDir, 'temporal.log'),
    onSpawn: (pid) => onSpawn('temporal', pid),
  })
  return { address: server.address, pids: [server.pid], stop: () => server.stop() }
}

/** The caller's environment without what would lead our processes elsewhere, or give the stub's prices another unit. */
async function cleanEnvironment(dataDir: string): Promise<NodeJS.ProcessEnv> {
  const profiles = join(dataDir, 'temporal.toml')
  await writeFile(profiles, '[profile.default]\n')
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_') && name !== 'CURRENCY')
  return { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: profiles }
}
