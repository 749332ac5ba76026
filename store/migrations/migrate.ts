import { type Kysely, type Migration, Migrator } from 'kysely'
import type { Schema } from '../schema.ts'
import * as orders from './0001-orders.ts'
import * as orderAudit from './0002-order-audit.ts'
import * as unkeyedStock from './0003-unkeyed-stock.ts'
import * as storeProbe from './0004-store-probe.ts'
import * as owed from './0005-owed.ts'
import * as orderLife from './0006-order-life.ts'
import * as cartSnapshot from './0007-cart-snapshot.ts'
import * as numbers from './0008-numbers.ts'
import * as imported from './0011-imported.ts'
import * as cartRevision from './0012-cart-revision.ts'
import * as cartAdditions from './0014-cart-additions.ts'
import * as expectedTotal from './0015-expected-total.ts'
import * as recipients from './0018-recipients.ts'
import * as sentBy from './0019-sent-by.ts'
import * as unpaidByUser from './0020-unpaid-by-user.ts'
import * as sealedRecipients from './0022-sealed-recipients.ts'
import * as auditRole from './0023-audit-role.ts'
import * as placedBy from './0024-placed-by.ts'
import * as archive from './0025-archive.ts'
import * as paymentBegun from './0026-payment-begun.ts'
import * as unpaidOfEachUser from './0027-unpaid-of-each-user.ts'
import { takeFirstPages } from './first-pages.ts'
import { givingWay } from './giving-way.ts'
import { buildIndexes } from './indexes.ts'
import { numberRows } from './number-rows.ts'

/** Migrations in their order for ever: one that is released is never changed, only followed. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-orders': orders,
  '0002-order-audit': orderAudit,
  '0003-unkeyed-stock': unkeyedStock,
  '0004-store-probe': storeProbe,
  '0005-owed': owed,
  '0006-order-life': orderLife,
  '0007-cart-snapshot': cartSnapshot,
  '0008-numbers': numbers,
  '0011-imported': imported,
  '0012-cart-revision': cartRevision,
  '0014-cart-additions': cartAdditions,
  '0015-expected-total': expectedTotal,
  '0018-recipients': recipients,
  '0019-sent-by': sentBy,
  '0020-unpaid-by-user': unpaidByUser,
  '0022-sealed-recipients': sealedRecipients,
  '0023-audit-role': auditRole,
  '0024-placed-by': placedBy,
  '0025-archive': archive,
  '0026-payment-begun': paymentBegun,
  '0027-unpaid-of-each-user': unpaidOfEachUser,
}

/**
 * Brings the database to the newest schema; any number of callers at once, the first does it (kysely takes a lock).
 * @returns the names of the migrations that this call applied, and of the indexes that it built
 * @throws the database's error, of the migration that failed; none of those that were missing is applied then
 */
export async function migrate(db: Kysely<Schema>): Promise<string[]> {
  const applied = await migrateTables(db)
  await numberRows(db)
  await takeFirstPages(db)
  return [...applied, ...(await buildIndexes(db))]
}

/** Applies the migrations that are missing. */
async function migrateTables(db: Kysely<Schema>): Promise<string[]> {
  return await givingWay(db, async (session) => {
    const migrator = new Migrator({ db: session, provider: { getMigrations: async () => MIGRATIONS } })
    const { error, results = [] } = await migrator.migrateToLatest()
    if (error) throw error
    return results.map(({ migrationName }) => migrationName)
  })
}
