import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, readFile, readlink, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openLaunchLog } from './processes/launch-log.ts'
import { type RunningPart, STOP_WITHIN } from './processes/part.ts'
import { Patience } from './processes/patience.ts'
import { freePort } from './processes/ports.ts'
import { identify, isRunning } from './processes/process-identity.ts'
import { findPostgresHome, type PostgresHome } from './programs/postgres-home.ts'

const run = promisify(execFile)

export interface PostgresOptions {
  /** Folder of this server alone; made when absent. What is in it survives a restart. */
  dataDir: string
  /** 0: any free one. */
  port: number
  /** One line for whatever is out of the ordinary. */
  log?: (line: string) => void
  /** Folder of the server's own log. @default `log` in its folder */
  logFile?: string
  /** `false` trades safety against a power cut (never against kill -9) for speed. @default true */
  durable?: boolean
  /** Called with the pid of the server before anything else happens. */
  onSpawn?: (pid: number) => void
}

export interface PostgresServer extends RunningPart {
  port: number
  /** Connection string of a database, which need not exist: see `ensureDatabase`. */
  url(database: string): string
  home: PostgresHome
}

/**
 * Starts a real PostgreSQL of our own on 127.0.0.1, on the data of the last time. A server that outlived its launcher is
 * ended first, if it provably works in this very folder.
 * @throws Error with the end of what the server logged when it ends, or gets no further for a minute
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { log = () => {}, durable = true } = options
  const home = await findPostgresHome(options.dataDir, log)
  const cluster = join(home.dir, 'cluster')
  const password = await createCluster(home, cluster, durable)
  await endLeftover(home, cluster, log)

  const port = options.port || (await freePort())
  const logFile = options.logFile ?? join(home.dir, 'log')
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // a socket's path has a limit of some hundred characters, a project's folder has none
    max_connections: '200',
    // Not synchronous_commit: without it kill -9 loses what was committed just before.
    ...(!durable && { fsync: 'off', full_page_writes: 'off' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const output = await openLaunchLog(logFile)
  const child = spawn(join(home.bin, 'postgres'), ['-D', cluster, '-p', `${port}`, ...flags], {
    ...home.account,
    cwd: home.dir,
    stdio: ['ignore', output.fd, output.fd],
    // A group of its own: Ctrl-C in a terminal reaches the launcher alone, which stops the parts in order.
    detached: true,
  })
  const { pid } = child
  child.once('error', () => {}) // reported below, by the pid that is missing
  if (pid === undefined) throw new Error(`PostgreSQL could not be run from ${home.bin}: run npm ci again`)
  options.onSpawn?.(pid)
  let running = true
  const exited = once(child, 'exit').then(([status, signal]) => {
    running = false
    return signal ? `signal ${signal}` : `status ${status}`
  })
  await output.close()
  // After kill -9 it replays its log first, by a process of its own, and says every ten seconds how far it is.
  const patience = new Patience({ of: () => output.size(), step: 1 })
  while (!(await isReady(cluster, pid))) {
    if (!running || (await patience.isOver())) {
      child.kill('SIGKILL')
      const advice = `if its data is damaged, empty ${home.dir} (npm start -- --reset)`
      throw new Error(`PostgreSQL on port ${port} did not become ready: ${advice}; ${await output.tail()}`)
    }
    await Promise.race([sleep(20), exited])
  }

  return {
    port,
    pid,
    url: (database) => `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    exited,
    home,
    async stop() {
      if (running) await shutDown(home, cluster, pid, () => running)
      await exited
    },
  }
}

/** @returns the password of its only account, which is of the folder's making: on a shared machine 127.0.0.1 is everybody's */
async function createCluster({ dir, bin, account }: PostgresHome, cluster: string, durable: boolean): Promise<string> {
  const passwordFile = join(dir, 'password')
  if (await exists(join(cluster, 'PG_VERSION'))) {
    return await readFile(passwordFile, 'utf8').catch((error: Error) => {
      throw new Error(`PostgreSQL's password is lost (${error.message}): put it back, or empty ${dir} (npm start -- --reset)`)
    })
  }

  // Made aside and renamed, so that a start that was killed halfway leaves no half a cluster.
  const partial = `${cluster}.new`
  await rm(partial, { recursive: true, force: true })
  const password = randomBytes(16).toString('hex')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account) await chown(passwordFile, account.uid, account.gid)
  const flags = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--no-locale']
  if (!durable) flags.push('--no-sync')
  await run(join(bin, 'initdb'), [`--pgdata=${partial}`, ...flags], { ...account, cwd: dir })
  await rename(partial, cluster)
  return password
}

/** The server writes its state into the eighth line of its pid file, as pg_ctl reads it. */
async function isReady(cluster: string, pid: number): Promise<boolean> {
  const lines = await readPidFile(cluster)
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
}

async function endLeftover(home: PostgresHome, cluster: string, log: (line: string) => void) {
  const pid = Number((await readPidFile(cluster))[0])
  const found = pid > 0 ? identify(pid) : undefined
  if (!found || !(await worksIn(pid, cluster))) {
    // The server is dead, perhaps not reaped yet, or its pid was given to somebody else since. PostgreSQL would take the pid
    // for a server that runs, and refuse to start.
    await rm(join(cluster, 'postmaster.pid'), { force: true })
    return
  }
  log(`postgres: ended the server of an earlier start (pid ${pid})`)
  await shutDown(home, cluster, pid, () => isRunning(found))
}

/** Reports whether a process is a server on that cluster: it changes into its data folder, and names it in its command line. */
async function worksIn(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === (await realpath(cluster))
  if (process.platform === 'win32') return true // pg_ctl signals through a pipe that only a PostgreSQL server opens
  const { stdout } = await run('ps', ['-o', 'command=', '-p', `${pid}`]).catch(() => ({ stdout: '' }))
  return stdout.includes(cluster)
}

/** Returns when it is gone. A fast shutdown may take its time before an immediate one, which the next start has to repair. */
async function shutDown({ bin }: PostgresHome, cluster: string, pid: number, isUp: () => boolean) {
  for (const [signal, mode, within] of [
    ['SIGINT', 'fast', STOP_WITHIN],
    ['SIGQUIT', 'immediate', STOP_WITHIN],
    ['SIGKILL', 'immediate', Number.POSITIVE_INFINITY],
  ] as const) {
    if (process.platform === 'win32') {
      await run(join(bin, 'pg_ctl'), ['stop', '-D', cluster, '-m', mode, '-W']).catch(() => {}) // gone meanwhile
    } else {
      try {
        process.kill(pid, signal)
      } catch {
        return // gone meanwhile
      }
    }
    for (const deadline = performance.now() + within; performance.now() < deadline; await sleep(20)) if (!isUp()) return
  }
}

async function readPidFile(cluster: string): Promise<string[]> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  return text.split('\n')
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  )
}
