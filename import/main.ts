import { readFile } from 'node:fs/promises'
import { CommanderError } from 'commander'
import type { Connection } from 'mysql2/promise'
import { Channels } from '../clients/channels.ts'
import { InventoryClient } from '../clients/inventory-client.ts'
import { loadAuditConfig, loadImportConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { minorDigitsOf } from '../contracts/currency.ts'
import { shownLines } from '../contracts/shown-text.ts'
import { DEADLINES_MS, MIGRATION_STATEMENT_MS } from '../contracts/time-budget.ts'
import { connectDatabase, type Database } from '../store/database.ts'
import { countClosedHolding, importedStock } from '../store/imported/imported-stock.ts'
import { movedHere, nextIds } from '../store/imported/moved-here.ts'
import { oweClosed } from '../store/imported/owe-closed.ts'
import { importedUsersAfter, putCarts } from '../store/imported/put-carts.ts'
import { putOrders } from '../store/imported/put-orders.ts'
import { raiseIds } from '../store/imported/raise-ids.ts'
import { reachPostgres } from '../store/reach-postgres.ts'
import { auditGoods, disproved } from './audit.ts'
import { auditText } from './audit-text.ts'
import { backSql } from './back.ts'
import { connectMysql, mysqlUrl } from './connect-mysql.ts'
import { importAll } from './import-all.ts'
import { localTime } from './local-time.ts'
import { heldThere, type StockThere, stockThere } from './mysql-audit.ts'
import { MysqlSource } from './mysql-source.ts'
import { type AuditOptions, type BackOptions, createProgram, type ImportOptions } from './program.ts'
import { figure } from './report.ts'
import { suppliedOf } from './supplied.ts'

const FAILED = 1
const BAD_USAGE = 2
const LEFT_OUT = 3
/** GetInventory calls at the same time. */
const AT_ONCE = 16

/** `npm run import -- …`: takes over from the service that this one replaces, and audits it. */
const program = createProgram({ import: runImport, audit: runAudit, back: runBack }).exitOverride()

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : BAD_USAGE)
    // What we throw ourselves says all in its message; a stack is for defects.
    const told = error instanceof ConfigError || (error instanceof Error && error.constructor === Error)
    console.error(told ? shownLines(error.message) : error)
    process.exit(error instanceof ConfigError ? BAD_USAGE : FAILED)
  },
)

async function runImport({ from, timezone, zoneGiven, dryRun }: ImportOptions): Promise<void> {
  const { databaseUrl, currency, importFrom } = loadImportConfig(process.env)
  await withSource(sourceOf(from, importFrom), async (connection) => {
    const db = await openStore(databaseUrl)
    try {
      const source = await MysqlSource.open(connection)
      if (!zoneGiven) await refuseWrongZone(source, timezone)
      console.error(
        `times of the source are read as those of ${timezone}, amounts as ${currency}${dryRun ? '; nothing is changed' : ''}`,
      )
      const as = { timezone, currency }
      const report = await importAll({
        source,
        putOrders: (orders) => putOrders(db, orders, as, dryRun),
        putCarts: (carts) => putCarts(db, carts, as, dryRun),
        importedUsersAfter: (userId) => importedUsersAfter(db, userId),
        raiseIds: async (highest) => {
          if (!dryRun) await raiseIds(db, highest)
        },
        digits: minorDigitsOf(currency) ?? 2,
      })
      console.log(report.text({ dryRun }))
      if (report.leavesOut()) process.exitCode = LEFT_OUT
    } finally {
      await db.destroy()
    }
  })
}

async function runAudit({
  from,
  timezone,
  inventory: inventoryGiven,
  supplied: file,
  apply,
  by,
  why,
  json,
}: AuditOptions): Promise<void> {
  const config = loadAuditConfig(process.env)
  const supplied = file === undefined ? undefined : suppliedOf(await readFile(file, 'utf8'))
  const source = sourceOf(from, config.importFrom)
  if (inventoryGiven !== undefined) warnOfPassword('--inventory', 'IMPORT_INVENTORY', inventoryGiven)
  const inventory = inventoryGiven ?? config.importInventory
  // Without a store the audit is the whole of it: what the original lost is in its own tables.
  const { DATABASE_URL, DATABASE_URL_FILE } = process.env
  const db = apply || DATABASE_URL || DATABASE_URL_FILE ? await openStore(loadImportConfig(process.env).databaseUrl) : undefined
  try {
    const { goods: held, orders } = await withSource(source, (connection) =>
      heldThere(connection, localTime(timezone, Date.now())),
    )
    const goodsIds = [...new Set([...held.map(({ goodsId }) => goodsId), ...(supplied?.keys() ?? [])])]
    const stock = inventory ? await withSource(inventory, stockThere) : await stockOverGrpc(config, goodsIds)
    const audit = async () => {
      const here = db && (await importedStock(db))
      const goods = auditGoods({ held, ...(stock && { stock }), ...(supplied && { supplied }), ...(here && { here }) })
      return { goods, orders, ...(db && { applicable: await countClosedHolding(db) }) }
    }
    const audited = await audit()
    if (!apply || !db) {
      console.log(json ? JSON.stringify(audited, null, 2) : auditText(audited))
      return
    }
    const owed = await oweClosed(db, { by, why }, disproved(audited.goods))
    const after = { ...(await audit()), owed }
    const said = `${figure(owed.pieces)} pieces of ${figure(owed.orders)} orders are owed to the inventory now: workers under INVENTORY_MODE=unkeyed give them back (npm run orders -- list)`
    console.log(json ? JSON.stringify(after, null, 2) : `${auditText(after)}\n\n${said}`)
  } finally {
    await db?.destroy()
  }
}

async function runBack({ timezone }: BackOptions): Promise<void> {
  const db = await openStore(loadImportConfig(process.env).databaseUrl)
  try {
    for await (const statement of backSql(await nextIds(db), movedHere(db, timezone))) console.log(statement)
  } finally {
    await db.destroy()
  }
}

/** @throws ConfigError if nobody named the source */
function sourceOf(option: string | undefined, setting: string | undefined): string {
  const source = option ?? setting
  if (source === undefined) throw new ConfigError(['IMPORT_FROM is missing, and so is --from: name the MySQL database to read'])
  if (option !== undefined) warnOfPassword('--from', 'IMPORT_FROM', option)
  return source
}

function warnOfPassword(option: string, setting: string, url: string): void {
  if (mysqlUrl(url).password === '') return
  console.error(
    `the password in ${option} is seen by whoever lists the processes here: name the address by ${setting}, or a file that holds it by ${setting}_FILE`,
  )
}

async function openStore(databaseUrl: string): Promise<Database> {
  const db = connectDatabase(databaseUrl, { max: 2, statementTimeoutMs: MIGRATION_STATEMENT_MS })
  await reachPostgres(db, databaseUrl, 'tables')
  return db
}

async function withSource<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectMysql(url)
  try {
    return await use(connection)
  } finally {
    await connection.end().catch(() => {})
  }
}

/** Refuses a zone that nobody named, if the last order would be of the future by it: every deadline would be wrong by hours. */
async function refuseWrongZone(source: MysqlSource, timezone: string): Promise<void> {
  const latest = await source.latest()
  const soon = localTime(timezone, Date.now() + 300_000)
  if (latest === null || latest <= soon) return
  throw new Error(
    `the last order of the source is of ${latest}, which is still to come in ${timezone}: name the zone of its times by --timezone`,
  )
}

/** Stock of these goods as the inventory itself reports it; nothing if it can't be reached: the audit says so. */
async function stockOverGrpc(
  { inventoryTarget: target, connection }: ReturnType<typeof loadAuditConfig>,
  goodsIds: readonly number[],
): Promise<Map<number, StockThere> | undefined> {
  const inventory = new InventoryClient({
    target,
    channels: new Channels(connection, console.error),
    deadlineMs: DEADLINES_MS.inventory,
  })
  const stock = new Map<number, StockThere>()
  try {
    for (let i = 0; i < goodsIds.length; i += AT_ONCE) {
      const some = goodsIds.slice(i, i + AT_ONCE)
      await Promise.all(some.map(async (goodsId) => stock.set(goodsId, { stock: await inventory.getStock(goodsId) })))
    }
    return stock
  } catch (error) {
    console.error(
      `the inventory at ${target} does not say its stock (${(error as Error).message}): set INVENTORY_TARGET, or use --inventory`,
    )
    return undefined
  } finally {
    inventory.close()
  }
}
