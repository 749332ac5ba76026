import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants, rmSync } from 'node:fs'
import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { freePort } from '../../dev/processes/ports.ts'
import { until } from '../e2e/faults/until.ts'
import { onEnd } from './on-end.ts'

const PLACES = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Path of a program of MariaDB; `undefined` if it is not installed. */
function mariadbTool(name: string): string | undefined {
  return PLACES.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

let server: Promise<(database: string) => string> | undefined
let databases = 0

/** Reports whether there is a MariaDB server to be started; if not, what to install, on stderr. */
export function hasMariadb(): boolean {
  const there = mariadbTool('mariadbd') !== undefined && mariadbTool('mariadb-install-db') !== undefined
  if (!there) console.error('NOT TESTED: there is no MariaDB, which the import reads in tests (apt-get install mariadb-server)')
  return there
}

/** URL of a fresh, empty database of the one MariaDB of this test run, which the first call starts. */
export async function mariadbDatabase(): Promise<string> {
  server ??= start()
  const name = `shop_${++databases}`
  const url = (await server)(name)
  const { username, password, port } = new URL(url)
  const connection = await createConnection({ host: '127.0.0.1', port: Number(port), user: username, password })
  await connection.query(`create database \`${name}\` character set utf8mb4`)
  await connection.end()
  return url
}

async function start(): Promise<(database: string) => string> {
  const [daemon = '', install = ''] = [mariadbTool('mariadbd'), mariadbTool('mariadb-install-db')]
  // A socket's path has a limit of some hundred characters.
  const dir = await mkdtemp(join(tmpdir(), 'order-saga-mdb-'))
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  const data = join(dir, 'data')
  await promisify(execFile)(install, [
    '--no-defaults',
    `--datadir=${data}`,
    '--skip-test-db',
    '--auth-root-authentication-method=normal',
    ...user,
  ])
  const password = randomBytes(8).toString('hex')
  const accounts = join(dir, 'accounts.sql')
  await writeFile(accounts, `create or replace user shop@'%' identified by '${password}';\ngrant all on *.* to shop@'%';\n`)
  const port = await freePort()
  const log = await open(join(dir, 'log'), 'a')
  const flags = [
    ...['--no-defaults', `--datadir=${data}`, `--socket=${join(dir, 's')}`, `--pid-file=${join(dir, 'pid')}`, `--port=${port}`],
    ...[
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      `--init-file=${accounts}`,
      '--innodb-flush-log-at-trx-commit=0',
      ...user,
    ],
  ]
  const child = spawn(daemon, flags, { stdio: ['ignore', log.fd, log.fd] })
  await log.close()
  const exited = once(child, 'exit')
  const last = () => {
    child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  }
  process.once('exit', last)
  onEnd(async () => {
    child.kill('SIGTERM')
    await exited
    process.off('exit', last)
    rmSync(dir, { recursive: true, force: true })
  })
  await until('MariaDB to take connections', () => connects(child, port, password, join(dir, 'log')))
  return (database) => `mysql://shop:${password}@127.0.0.1:${port}/${database}`
}

async function connects(child: ChildProcess, port: number, password: string, log: string): Promise<void> {
  if (child.exitCode !== null)
    throw new Error(`MariaDB ended: ${(await readFile(log, 'utf8')).split('\n').slice(-15).join('\n')}`)
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'shop', password })
  await connection.end()
}
