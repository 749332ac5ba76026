/**
 * `npm run bench:growth [-- --orders 1000000 --turns 31]`: what is done with the store while the shop is open, in a store of 1,000 orders and in one of 1,000,000,
 * in turns, so that whatever else the machine does meets both. Ends with status 1 if a statement takes more than twice as long in the large one, or reads
 * there a table that grows from end to end.
 *
 * `npm run bench:growth -- --creation [--small 10000] [--orders 5000000] [--archive-days 15] [--turns 31]`: orders created a second in a store of 10,000 orders and
 * in one of 5,000,000, of which those that have been over for so many days of 30 are archived, and the room that each order takes. Ends with status 1 if they are more
 * than 5 % apart.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { run } from '../composition/lifecycle.ts'
import { ensureDatabase } from '../dev/ensure-database.ts'
import { startPostgres } from '../dev/postgres.ts'
import { removePostgresHome } from '../dev/programs/postgres-home.ts'
import { connectDatabase, type Database } from '../store/database.ts'
import { migrate } from '../store/migrations/migrate.ts'
import { archiveOld } from './growth/archive-old.ts'
import { bytesOfTables } from './growth/bytes-of-tables.ts'
import { creationRate } from './growth/creation-rate.ts'
import { type Explained, explainUse } from './growth/explain-use.ts'
import { fillStore } from './growth/fill-store.ts'
import { inRolledBack } from './growth/in-rolled-back.ts'
import { RecordedStatements } from './growth/recorded-statements.ts'
import { type StoreUse, storeUses } from './growth/store-uses.ts'
import { percentile } from './report/statistics.ts'

const SMALL = 1_000
const MOST = 2
const MOST_APART = 0.05
const FILLING_MS = 7_200_000
const DAY_MS = 86_400_000

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
      turns: { ...text, default: '31' },
    },
  })
  const { creation } = values
  const small = Number(values.small ?? (creation ? 10_000 : SMALL))
  const orders = Number(values.orders ?? (creation ? 5_000_000 : 1_000_000))
  const turns = Number(values.turns)
  const archiveDays = values['archive-days'] === undefined ? undefined : Number(values['archive-days'])
  if (!(small >= SMALL && orders >= small && turns >= 1 && (archiveDays ?? 0) >= 0)) {
    throw new Error(`--small must be at least ${SMALL}, --orders no less than that, --turns at least 1, --archive-days a number`)
  }

  const dir = await mkdtemp(join(tmpdir(), 'order-saga-growth-'))
  await chmod(dir, 0o711) // root runs PostgreSQL below it as somebody else
  const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: 0 })
  const stores: FilledStore[] = []
  try {
    console.log(`load before: ${loadavg()[0]?.toFixed(1)} (1 min)`)
    for (const count of [small, orders]) {
      const store = await filledStore(postgres.url(`growth_${stores.length}`), count)
      stores.push(store)
      if (archiveDays !== undefined) await archiveIn(store, archiveDays)
    }
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

async function filledStore(url: string, orders: number): Promise<FilledStore> {
  await ensureDatabase(url)
  const recorded = new RecordedStatements()
  const db = connectDatabase(url, { max: 2, statementTimeoutMs: FILLING_MS, log: recorded.log })
  const start = performance.now()
  await migrate(db)
  await fillStore(db, orders)
  console.log(`${orders} orders filled in within ${((performance.now() - start) / 1_000).toFixed(0)} s`)
  return { orders, db, recorded, uses: storeUses(orders) }
}

async function archiveIn({ db }: FilledStore, days: number): Promise<void> {
  const begun = performance.now()
  const archived = await archiveOld(db, days * DAY_MS)
  await sql`vacuum (full, analyze)`.execute(db)
  console.log(`${archived} of them archived within ${((performance.now() - begun) / 1_000).toFixed(0)} s`)
}

/** Prints the room of each table, for each of all orders of the store. */
async function printRoom({ orders, db }: FilledStore): Promise<void> {
  console.log(`\n| Table, at ${orders} orders | Rows | Table, bytes an order | Indexes, bytes an order |\n|---|---:|---:|---:|`)
  for (const { table, rows, heap, indexes } of await bytesOfTables(db)) {
    console.log(`| ${table} | ${rows} | ${Math.round(heap / orders)} | ${Math.round(indexes / orders)} |`)
  }
}

/** @returns by how much the two rates are apart, of the higher one */
async function compareCreation(stores: FilledStore[], turns: number): Promise<number> {
  const rates: number[][] = stores.map(() => [])
  // The first turn reads into memory what the others find there.
  for (let turn = 0; turn <= turns; turn++) {
    for (const [which, { db }] of stores.entries()) {
      const rate = await creationRate(db, turn)
      if (turn > 0) rates[which]?.push(rate)
    }
  }
  const medians = rates.map((some) =>
    percentile(
      some.sort((a, b) => a - b),
      0.5,
    ),
  )
  const apart = 1 - Math.min(...medians) / Math.max(...medians)
  console.log(`\n| Orders in the store | created a second, median of ${turns} turns |\n|---:|---:|`)
  for (const [which, { orders }] of stores.entries()) console.log(`| ${orders} | ${(medians[which] ?? 0).toFixed(0)} |`)
  console.log(`\n${(apart * 100).toFixed(1)} % apart`)
  return apart
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
    const medians = times.map((some) =>
      percentile(
        some.sort((a, b) => a - b),
        0.5,
      ),
    )
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
