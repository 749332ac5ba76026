/**
 * `npm run bench:growth [-- --orders 1000000 --turns 31]`: what is done with the store while the shop is open, in a store of 1,000 orders and in one of 1,000,000,
 * in turns, so that whatever else the machine does meets both. Ends with status 1 if a statement takes more than twice as long in the large one, or reads
 * there a table that grows from end to end.
 *
 * `npm run bench:growth -- --creation [--small 10000] [--orders 5000000] [--archive-days 15] [--turns 150]`: orders created a second in a store of 10,000 orders and
 * in one of 5,000,000, of which those that have been over for so many days of 30 are archived, in turns, and the room that an order takes. Ends with status 1 if they
 * are more than 5 % apart. It needs 30 GB below the folder for temporary files; the filling takes a minute for each 700,000 orders on two cores.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { sql } from 'kysely'
import { run } from '../composition/lifecycle.ts'
import { ensureDatabase } from '../dev/ensure-database.ts'
import { startPostgres } from '../dev/postgres.ts'
import { removePostgresHome } from '../dev/programs/postgres-home.ts'
import { connectDatabase, type Database } from '../store/database.ts'
import { migrate } from '../store/migrations/migrate.ts'
import { archiveOld } from './growth/archive-old.ts'
import { bytesOfTables } from './growth/bytes-of-tables.ts'
import { type Creation, creationRate } from './growth/creation-rate.ts'
import { type Explained, explainUse } from './growth/explain-use.ts'
import { fillStore } from './growth/fill-store.ts'
import { inRolledBack } from './growth/in-rolled-back.ts'
import { RecordedStatements } from './growth/recorded-statements.ts'
import { type StoreUse, storeUses } from './growth/store-uses.ts'
import { withoutIndexes } from './growth/without-indexes.ts'
import { percentile } from './report/statistics.ts'

const SMALL = 1_000
const TURNS = 31
/** A store of 5,000,000 still logs the whole of most pages that it changes behind 31 turns (5.2 kB an order, 3.6 behind 150), and makes .926 of the rate, not .988. */
const CREATION_TURNS = 150
const MOST = 2
const MOST_APART = 0.05
const FILLING_MS = 7_200_000
const DAY_MS = 86_400_000
/** PostgreSQL's own are for a machine of 1 GB, and have a checkpoint each GB of WAL. */
const PRODUCTION = ["shared_buffers = '2GB'", "max_wal_size = '16GB'", "checkpoint_timeout = '30min'"]

interface FilledStore {
  orders: number
  db: Database
  recorded: RecordedStatements
  uses: StoreUse[]
}

run(async () => {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      creation: { type: 'boolean', default: false },
      small: text,
      orders: text,
      'archive-days': text,
      turns: text,
    },
  })
  const { creation } = values
  const small = Number(values.small ?? (creation ? 10_000 : SMALL))
  const orders = Number(values.orders ?? (creation ? 5_000_000 : 1_000_000))
  const turns = Number(values.turns ?? (creation ? CREATION_TURNS : TURNS))
  const archiveDays = values['archive-days'] === undefined ? undefined : Number(values['archive-days'])
  if (!(small >= SMALL && orders >= small && turns >= 1 && (archiveDays ?? 0) >= 0)) {
    throw new Error(`--small must be at least ${SMALL}, --orders no less than that, --turns at least 1, --archive-days a number`)
  }

  const dir = await mkdtemp(join(tmpdir(), 'order-saga-growth-'))
  await chmod(dir, 0o711) // root runs PostgreSQL below it as somebody else
  const dataDir = join(dir, 'postgres')
  let postgres = await startPostgres({ dataDir, port: 0, durable: false })
  const stores: FilledStore[] = []
  try {
    console.log(`load before: ${loadavg()[0]?.toFixed(1)} (1 min)`)
    const counts = [small, orders]
    for (const [which, count] of counts.entries()) await fill(postgres.url(`growth_${which}`), count, archiveDays)
    await asInProduction(postgres.url('growth_0'))
    await postgres.stop()
    // From here on each commit is on disk, and all that went before: nothing is written behind the measuring.
    await promisify(execFile)('sync')
    postgres = await startPostgres({ dataDir, port: 0 })
    for (const [which, count] of counts.entries()) stores.push(openStore(postgres.url(`growth_${which}`), count))
    if (creation) {
      for (const store of stores) await printRoom(store)
      if ((await compareCreation(stores, turns)) > MOST_APART) process.exitCode = 1
    } else if ((await compare(stores, turns)) > 0) process.exitCode = 1
    console.log(`load after: ${loadavg()[0]?.toFixed(1)} (1 min)`)
  } finally {
    for (const { db } of stores) await db.destroy()
    await postgres.stop()
    await removePostgresHome(postgres.home)
    await rm(dir, { recursive: true, force: true })
  }
})

/** Fills a store, and archives what is old in it, if anything is to be. */
async function fill(url: string, orders: number, archiveDays: number | undefined): Promise<void> {
  await ensureDatabase(url)
  const db = connectDatabase(url, { max: 2, statementTimeoutMs: FILLING_MS })
  const begun = performance.now()
  const log = (line: string) => console.log(`${seconds(begun).padStart(5)} s ${line}`)
  try {
    await migrate(db)
    await withoutIndexes(
      db,
      async () => {
        await fillStore(db, orders, log)
        if (archiveDays === undefined) return
        const archived = await archiveOld(db, archiveDays * DAY_MS, orders + 1)
        log(`  ${archived} of them archived`)
        await sql`vacuum (full, analyze) orders, order_lines, payments, order_audit`.execute(db)
        log('  the room of these given back')
      },
      log,
    )
  } finally {
    await db.destroy()
  }
  console.log(`${orders} orders filled in within ${seconds(begun)} s`)
}

/** Sets what everybody sets who has so many orders. It counts from the next start on. */
async function asInProduction(url: string): Promise<void> {
  const db = connectDatabase(url, { max: 1 })
  for (const setting of PRODUCTION) await sql`alter system set ${sql.raw(setting)}`.execute(db)
  await db.destroy()
}

function openStore(url: string, orders: number): FilledStore {
  const recorded = new RecordedStatements()
  return { orders, db: connectDatabase(url, { max: 2, log: recorded.log }), recorded, uses: storeUses(orders) }
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(0)
}

/** Prints the room of each table, for each order that is in its place: hot or archived. */
async function printRoom({ orders, db }: FilledStore): Promise<void> {
  const tables = await bytesOfTables(db)
  console.log(`\n| Of ${orders} orders | Table, bytes an order | Indexes, bytes an order |\n|---|---:|---:|`)
  for (const suffix of ['', '_archive']) {
    const here = tables.filter(({ table }) => table.endsWith('_archive') === (suffix !== ''))
    const count = here.find(({ table }) => table === `orders${suffix}`)?.rows ?? 0
    if (count === 0) continue
    const sum = (of: 'heap' | 'indexes') => here.reduce((all, one) => all + one[of], 0)
    const all = { table: `${count} ${suffix ? 'archived' : 'hot'} ones`, heap: sum('heap'), indexes: sum('indexes') }
    for (const { table, heap, indexes } of [...here, all]) {
      console.log(`| ${table} | ${Math.round(heap / count)} | ${Math.round(indexes / count)} |`)
    }
  }
}

/**
 * Measures both stores in turns, either first in every other one, and compares what each turn gave: whatever else the machine does then meets both. As many turns go before that
 * aren't counted: behind a checkpoint PostgreSQL logs the whole of each page that it changes first, which a small store has soon had.
 * @returns by how much the rates are apart, as the median of the turns
 */
async function compareCreation(stores: FilledStore[], turns: number): Promise<number> {
  const made: Creation[][] = stores.map(() => [])
  for (const { db } of stores) await sql`checkpoint`.execute(db)
  for (let turn = 0; turn < 2 * turns; turn++) {
    const inTurn = [...stores.entries()]
    for (const [which, { db }] of turn % 2 === 0 ? inTurn : inTurn.reverse()) {
      const creation = await creationRate(db, turn)
      if (turn >= turns) made[which]?.push(creation)
    }
  }
  const rates = made.map((some) => some.map(({ ordersPerSecond }) => ordersPerSecond))
  const ratio = medianOf((rates[1] ?? []).map((rate, turn) => rate / (rates[0]?.[turn] ?? Number.NaN)))
  console.log(`\n| Orders in the store | created a second, median of ${turns} turns | bytes of WAL an order |\n|---:|---:|---:|`)
  for (const [which, { orders }] of stores.entries()) {
    const wal = medianOf((made[which] ?? []).map(({ walBytes }) => walBytes))
    console.log(`| ${orders} | ${medianOf(rates[which] ?? []).toFixed(0)} | ${wal.toFixed(0)} |`)
  }
  console.log(`\nthe second rate is ${ratio.toFixed(3)} times the first, as the median of the turns`)
  return Math.abs(1 - ratio)
}

function medianOf(some: readonly number[]): number {
  return percentile(
    [...some].sort((a, b) => a - b),
    0.5,
  )
}

/** @returns number of uses that are too slow, or read too much */
async function compare(stores: FilledStore[], turns: number): Promise<number> {
  const [, large] = stores as [FilledStore, FilledStore]
  let wrong = 0
  console.log(`\n| Use | ${stores.map(({ orders }) => `ms at ${orders}`).join(' | ')} | ratio | rows read |`)
  console.log('|---|---:|---:|---:|---:|')
  for (const [i, { name }] of large.uses.entries()) {
    const times: number[][] = stores.map(() => [])
    for (let turn = 0; turn < turns; turn++) {
      for (const [which, { db, uses }] of stores.entries()) times[which]?.push(await timeOf(db, uses[i] as StoreUse, turn))
    }
    const medians = times.map(medianOf)
    const explained: Explained[] = []
    for (const { db, recorded, uses } of stores) explained.push(await explainUse(db, recorded, uses[i] as StoreUse))
    const ratio = (medians[1] as number) / (medians[0] as number)
    const scanned = explained[1]?.scanned ?? []
    if (ratio > MOST || scanned.length > 0) wrong++
    const remark = `${ratio > MOST ? ' too slow' : ''}${scanned.map((table) => ` reads all of ${table}`).join('')}`
    const rows = explained.map(({ rowsRead }) => rowsRead).join(' / ')
    console.log(`| ${name} | ${medians.map((ms) => ms.toFixed(2)).join(' | ')} | ${ratio.toFixed(2)}${remark} | ${rows} |`)
  }
  return wrong
}

/**
 * Milliseconds of the use alone, without what prepares it; nothing of it stays. It was done before, so that what it reads is in PostgreSQL's memory, as
 * young orders are: how fast the disk is, is not asked.
 */
async function timeOf(db: Database, use: StoreUse, turn: number): Promise<number> {
  await inRolledBack(db, async (trx) => (await use.prepare(trx, turn))())
  return await inRolledBack(db, async (trx) => {
    const run = await use.prepare(trx, turn)
    const start = performance.now()
    await run()
    return performance.now() - start
  })
}
