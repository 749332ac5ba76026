import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import * as orders from './0001-orders.ts'
import * as orderAudit from './0002-order-audit.ts'
import * as unkeyedStock from './0003-unkeyed-stock.ts'
import * as storeProbe from './0004-store-probe.ts'
import * as owed from './0005-owed.ts'
import * as orderLife from './0006-order-life.ts'
import * as cartSnapshot from './0007-cart-snapshot.ts'
import { buildIndexes } from './indexes.ts'

/** SQLSTATE of a lock that was not had within lock_timeout. */
const LOCK_NOT_AVAILABLE = '55P03'
/** Time for which those may go on that the migration would hold up. */
const GIVE_WAY_MS = 500

/** Migrations in their order for ever: one that is released is never changed, only followed. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-orders': orders,
  '0002-order-audit': orderAudit,
  '0003-unkeyed-stock': unkeyedStock,
  '0004-store-probe': storeProbe,
  '0005-owed': owed,
  '0006-order-life': orderLife,
  '0007-cart-snapshot': cartSnapshot,
}

/**
 * Brings the database to the newest schema; any number of callers at once, the first does it (kysely takes a lock).
 * @returns the names of the migrations that this call applied, and of the indexes that it built
 * @throws the database's error, of the migration that failed; none of those that were missing is applied then
 */
export async function migrate(db: Kysely<Schema>): Promise<string[]> {
  return [...(await migrateTables(db)), ...(await buildIndexes(db))]
}

/**
 * Applies the migrations that are missing. Whoever waits for a table's lock holds up all who come behind, though it may be a reader that goes on and on
 * which holds it: a migration rather gives way, and comes again.
 */
async function migrateTables(db: Kysely<Schema>): Promise<string[]> {
  return await db.connection().execute(async (session) => {
    const migrator = new Migrator({ db: session, provider: { getMigrations: async () => MIGRATIONS } })
    await sql`set lock_timeout = '1s'`.execute(session)
    try {
      for (;;) {
        const { error, results = [] } = await migrator.migrateToLatest()
        if (!error) return results.map(({ migrationName }) => migrationName)
        if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error
        await sleep(GIVE_WAY_MS)
      }
    } finally {
      await sql`reset lock_timeout`.execute(session)
    }
  })
}
