import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { hasMariadb, type MariadbServer, startMariadb } from '../../dev/mariadb.ts'
import { endWithRun } from './end-with-run.ts'

let server: Promise<MariadbServer> | undefined
let databases = 0

/** Reports whether there is a MariaDB to be tested with; if not, on stderr what to install. */
export function canTestMariadb(): boolean {
  const there = hasMariadb()
  if (!there) console.error('NOT TESTED: there is no MariaDB, from which the import reads (apt-get install mariadb-server)')
  return there
}

/** URL of a fresh, empty database of the one MariaDB of this test run, which the first call starts. */
export async function mariadbDatabase(): Promise<string> {
  server ??= start()
  const name = `shop_${++databases}`
  const url = (await server).url(name)
  const { username, password, port } = new URL(url)
  const connection = await createConnection({ host: '127.0.0.1', port: Number(port), user: username, password })
  await connection.query(`create database \`${name}\` character set utf8mb4`)
  await connection.end()
  return url
}

async function start(): Promise<MariadbServer> {
  const dir = await mkdtemp(join(tmpdir(), 'order-saga-mdb-'))
  const started = await startMariadb(dir)
  endWithRun(dir, { stop: () => started.stop(), kill: () => process.kill(started.pid, 'SIGKILL') })
  return started
}
