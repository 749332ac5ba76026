import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openLaunchLog } from './processes/launch-log.ts'
import type { RunningPart } from './processes/part.ts'
import { Patience } from './processes/patience.ts'
import { freePort } from './processes/ports.ts'

/** Folders in which the programs are sought, beside the PATH: a server's are no user's. */
const PLACES = ['/usr/sbin', '/usr/local/sbin']

export interface MariadbServer extends RunningPart {
  /** Connection string of a database, which need not exist. */
  url(database: string): string
}

/** Reports whether MariaDB is installed on this machine: it comes with none of our packages. */
export function hasMariadb(): boolean {
  return pathOf('mariadbd') !== undefined && pathOf('mariadb-install-db') !== undefined
}

/**
 * Starts a MariaDB of our own on a free port of 127.0.0.1, with an account that may do everything.
 * @param dir folder of this server alone, whose path is short: a socket's has a limit of some hundred characters
 * @throws Error with the end of what the server logged when it ends, or gets no further for a minute
 */
export async function startMariadb(dir: string): Promise<MariadbServer> {
  const [daemon, install] = [pathOf('mariadbd'), pathOf('mariadb-install-db')]
  if (!daemon || !install) throw new Error('MariaDB is not installed: apt-get install mariadb-server')
  const data = join(dir, 'data')
  const account = process.getuid?.() === 0 ? ['--user=root'] : []
  await mkdir(dir, { recursive: true })
  const made = ['--no-defaults', `--datadir=${data}`, '--skip-test-db', '--auth-root-authentication-method=normal', ...account]
  await promisify(execFile)(install, made)
  const password = randomBytes(8).toString('hex')
  const accounts = join(dir, 'accounts.sql')
  await writeFile(accounts, `create or replace user shop@'%' identified by '${password}';\ngrant all on *.* to shop@'%';\n`)
  const port = await freePort()
  const log = await openLaunchLog(join(dir, 'log'))
  const flags = [
    ...['--no-defaults', `--datadir=${data}`, `--socket=${join(dir, 's')}`, `--pid-file=${join(dir, 'pid')}`, `--port=${port}`],
    ...[
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      `--init-file=${accounts}`,
      '--innodb-flush-log-at-trx-commit=0',
      ...account,
    ],
  ]
  const child = spawn(daemon, flags, { stdio: ['ignore', log.fd, log.fd] })
  await log.close()
  const { pid } = child
  if (pid === undefined) throw new Error(`MariaDB could not be run: ${daemon}`)
  let running = true
  const exited = once(child, 'exit').then(([status, signal]) => {
    running = false
    return signal ? `signal ${signal}` : `status ${status}`
  })
  const patience = new Patience({ of: () => log.size(), step: 1 })
  while (!(await log.tail()).includes('ready for connections')) {
    if (!running || (await patience.isOver())) {
      child.kill('SIGKILL')
      throw new Error(`MariaDB did not become ready: ${await log.tail()}`)
    }
    await Promise.race([sleep(50), exited])
  }
  return {
    pid,
    exited,
    url: (database) => `mysql://shop:${password}@127.0.0.1:${port}/${database}`,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

function pathOf(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...PLACES]
  return folders.map((folder) => join(folder, program)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
