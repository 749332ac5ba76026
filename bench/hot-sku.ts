/**
 * `node --import tsx bench/hot-sku.ts [--seconds 15]`: how many Sells of one goods the reference Inventory does, each with an
 * order number of its own, for 64 callers over gRPC, on a PostgreSQL that syncs every commit to disk. Beside it, on the same
 * server in the same run: how often this disk syncs at all, and what pgbench reaches with the plain conditional UPDATE, one
 * transaction each, which is the least that selling can be without a ledger.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, open, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { credentials, type ServiceError } from '@grpc/grpc-js'
import pg from 'pg'
import { ensureDatabase } from '../dev/ensure-database.ts'
import { startPostgres } from '../dev/postgres.ts'
import { isServing } from '../dev/processes/grpc-health.ts'
import { freePort } from '../dev/processes/ports.ts'
import { spawnPart } from '../dev/processes/spawn-part.ts'
import { removePostgresHome } from '../dev/programs/postgres-home.ts'
import { type GoodsInvInfo, InventoryServiceClient } from '../proto/generated/inventory.ts'

const PROJECT = join(import.meta.dirname, '..')
const CALLERS = 64
const WARM_UP_SECONDS = 5
const GOODS_ID = 1
const INITIAL = 100_000_000
/** Sells of one goods per second by the service being replaced, observed at 16 callers, when it also refused 5.1 % for contention. */
const ORIGINAL_RATE = 716
/** Table from which pgbench sells, and its statement. */
const PLAIN_TABLE = `CREATE TABLE inventory (goods_id integer PRIMARY KEY, stock integer NOT NULL); INSERT INTO inventory VALUES (1, ${INITIAL})`
const PLAIN_SELL = 'UPDATE inventory SET stock = stock - 1 WHERE goods_id = 1 AND stock >= 1;\n'

interface Selling {
  sold: number
  failures: Map<string, number>
  /** Milliseconds of every Sell that was answered OK, ascending. */
  latencies: number[]
  seconds: number
}

const run = promisify(execFile)
const seconds = Number(parseArgs({ options: { seconds: { type: 'string', default: '15' } } }).values.seconds)
if (!(seconds > 0)) throw new Error('--seconds must be a number above 0')

const dir = await mkdtemp(join(tmpdir(), 'order-saga-hot-sku-'))
await chmod(dir, 0o711) // root runs PostgreSQL below it as somebody else
const endings: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
let ended: Promise<void> | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end().finally(() => process.exit(1)))
try {
  await measure()
} finally {
  await end()
}

function end(): Promise<void> {
  ended ??= (async () => {
    for (let ending = endings.pop(); ending; ending = endings.pop()) await ending()
  })()
  return ended
}

async function measure(): Promise<void> {
  print('load before', `${loadavg()[0]?.toFixed(1)} (1 min)`)
  const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: 0 })
  endings.push(async () => {
    await postgres.stop()
    await removePostgresHome(postgres.home)
  })
  print('disk', `${Math.round(await syncsPerSecond(postgres.home.dir))} syncs/s of 8 KiB, one at a time`)

  const client = await startInventory(postgres.url('inventory'))
  await stocked(client)
  const warmUp = await sell(client, WARM_UP_SECONDS, 'W')
  const selling = await sell(client, seconds, 'S')
  const failed = [...selling.failures].map(([why, count]) => `${count} × ${why}`).join(', ') || 'none'
  const rate = selling.sold / selling.seconds
  print(
    'Sell',
    `${Math.round(rate)}/s at ${CALLERS} callers (${selling.sold} in ${selling.seconds.toFixed(1)} s), failures: ${failed}`,
  )
  print('latency', [0.5, 0.95, 0.99].map((q) => `p${q * 100} ${quantile(selling.latencies, q).toFixed(1)} ms`).join(', '))
  print('to the original', `${(rate / ORIGINAL_RATE).toFixed(2)} times its ${ORIGINAL_RATE}/s`)
  const { num } = await answer<GoodsInvInfo>((done) => client.getInventory({ goodsId: GOODS_ID, num: 0 }, done))
  print('stock', `${INITIAL - num} taken, ${warmUp.sold + selling.sold} answered OK`)
  client.close()

  const plain = await plainUpdates(postgres.url('plain'))
  print('pgbench', typeof plain === 'string' ? plain : `${Math.round(plain)}/s by the plain UPDATE at ${CALLERS} clients`)
  if (typeof plain === 'number') print('to pgbench', `${(rate / plain).toFixed(2)} times the plain UPDATE`)
  print('load after', `${loadavg()[0]?.toFixed(1)} (1 min)`)
}

/** The reference Inventory as a process of its own. @returns its caller */
async function startInventory(databaseUrl: string): Promise<InventoryServiceClient> {
  await ensureDatabase(databaseUrl)
  const address = `127.0.0.1:${await freePort()}`
  const service = await spawnPart({
    name: 'inventory',
    command: process.execPath,
    args: ['--import', 'tsx', 'services/inventory/main.ts'],
    cwd: PROJECT,
    env: { ...process.env, INVENTORY_ADDR: address, INVENTORY_DATABASE_URL: databaseUrl },
    ipc: true,
    logFile: join(dir, 'inventory.log'),
    isHealthy: () => isServing(address),
  })
  endings.push(() => service.stop())
  return new InventoryServiceClient(address, credentials.createInsecure())
}

function stocked(client: InventoryServiceClient): Promise<unknown> {
  return answer((done) => client.setInventory({ goodsId: GOODS_ID, num: INITIAL }, done))
}

/** Every caller sells one piece after the other. @param prefix of the order numbers, which no other call may use */
async function sell(client: InventoryServiceClient, forSeconds: number, prefix: string): Promise<Selling> {
  const failures = new Map<string, number>()
  const latencies: number[] = []
  const start = performance.now()
  const end = start + forSeconds * 1_000
  let orders = 0
  const caller = async () => {
    for (let sent = performance.now(); sent < end; sent = performance.now()) {
      const sale = { orderSn: `${prefix}${orders++}`, goodsInvInfo: [{ goodsId: GOODS_ID, num: 1 }] }
      try {
        await answer((done) => client.sell(sale, done))
        latencies.push(performance.now() - sent)
      } catch (error) {
        const why = (error as ServiceError).details
        failures.set(why, (failures.get(why) ?? 0) + 1)
      }
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  latencies.sort((a, b) => a - b)
  return { sold: latencies.length, failures, latencies, seconds: (performance.now() - start) / 1_000 }
}

/** @returns transactions per second, or why there is no figure */
async function plainUpdates(databaseUrl: string): Promise<number | string> {
  await ensureDatabase(databaseUrl)
  const database = new pg.Client(databaseUrl)
  await database.connect()
  await database.query(PLAIN_TABLE)
  await database.end()
  const script = join(dir, 'plain.sql')
  const file = await open(script, 'w')
  await file.writeFile(PLAIN_SELL)
  await file.close()
  const url = new URL(databaseUrl)
  const flags = ['--no-vacuum', '--protocol=prepared', `--client=${CALLERS}`, '--jobs=2', `--file=${script}`]
  const server = [`--host=${url.hostname}`, `--port=${url.port}`, `--username=${url.username}`, url.pathname.slice(1)]
  try {
    const env = { ...process.env, PGPASSWORD: url.password }
    await run('pgbench', [...flags, `--time=${WARM_UP_SECONDS}`, ...server], { env })
    const { stdout } = await run('pgbench', [...flags, `--time=${seconds}`, ...server], { env })
    return Number(/tps = ([\d.]+)/.exec(stdout)?.[1])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return 'not found, so there is no ratio: install it (Debian: postgresql-contrib) and run this again'
  }
}

/** Measures how often the disk takes a page and reports it safe: the ceiling of commits that come one after the other. */
async function syncsPerSecond(folder: string): Promise<number> {
  const page = Buffer.alloc(8_192, 1)
  const path = join(folder, 'sync-probe')
  const file = await open(path, 'w')
  const start = performance.now()
  let syncs = 0
  for (; performance.now() - start < 2_000; syncs++) {
    await file.write(page, 0, page.length, 0)
    await file.datasync()
  }
  const rate = (syncs * 1_000) / (performance.now() - start)
  await file.close()
  await rm(path)
  return rate
}

function answer<Response>(send: (done: (error: ServiceError | null, response: Response) => void) => unknown) {
  return new Promise<Response>((resolve, reject) => {
    send((error, response) => (error ? reject(error) : resolve(response)))
  })
}

function quantile(ascending: readonly number[], q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * q))] ?? Number.NaN
}

function print(what: string, found: string): void {
  console.log(`${what.padEnd(16)}${found}`)
}
