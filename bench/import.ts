/**
 * `npm run bench:import [-- --orders 1000000]`: how long `npm run import` takes, from a MariaDB with that many orders into a PostgreSQL, both of this machine;
 * and how long it takes to find, run again, that nothing is left to do. Needs MariaDB (apt-get install mariadb-server).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { run } from '../composition/lifecycle.ts'
import { MIGRATION_STATEMENT_MS } from '../contracts/time-budget.ts'
import { ensureDatabase } from '../dev/ensure-database.ts'
import { startMariadb } from '../dev/mariadb.ts'
import { startPostgres } from '../dev/postgres.ts'
import { removePostgresHome } from '../dev/programs/postgres-home.ts'
import { connectDatabase } from '../store/database.ts'
import { migrate } from '../store/migrations/migrate.ts'
import { fillOriginal, ORDER_TABLES } from './import/original-tables.ts'

run(async () => {
  const { values } = parseArgs({ options: { orders: { type: 'string', default: '1000000' } } })
  const orders = Number(values.orders)
  if (!(orders >= 1)) throw new Error('--orders must be at least 1')
  const dir = await mkdtemp(join(tmpdir(), 'order-saga-import-'))
  await chmod(dir, 0o711) // root runs PostgreSQL below it as somebody else
  const mariadb = await startMariadb(join(dir, 'm'))
  const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: 0 })
  try {
    const [from, to] = [mariadb.url('joyshop_order'), postgres.url('orders')]
    const { username, password, port } = new URL(from)
    const connection = await createConnection({ host: '127.0.0.1', port: Number(port), user: username, password })
    await connection.query('create database joyshop_order character set utf8mb4')
    await connection.query('use joyshop_order')
    for (const table of ORDER_TABLES) await connection.query(table)
    await fillOriginal(connection, orders)
    await connection.end()
    await ensureDatabase(to)
    const db = connectDatabase(to, { statementTimeoutMs: MIGRATION_STATEMENT_MS })
    await migrate(db)
    await db.destroy()
    for (const what of ['imported', 'found to be here already']) {
      console.log(`load: ${loadavg()[0]?.toFixed(1)} (1 min)`)
      const began = performance.now()
      await importFrom(from, to)
      const seconds = (performance.now() - began) / 1_000
      console.log(
        `${orders} orders, ${3 * orders} lines ${what}: ${seconds.toFixed(0)} s, ${(orders / seconds).toFixed(0)} orders/s`,
      )
    }
  } finally {
    await postgres.stop()
    await mariadb.stop()
    await removePostgresHome(postgres.home)
    await rm(dir, { recursive: true, force: true })
  }
})

async function importFrom(from: string, to: string): Promise<void> {
  const args = ['run.cjs', 'import/main.ts', '--from', from, '--timezone', 'UTC']
  const child = spawn(process.execPath, args, { env: { ...process.env, DATABASE_URL: to }, stdio: 'inherit' })
  const [status] = await once(child, 'exit')
  if (status !== 0) throw new Error(`the import ended with status ${status}`)
}
