import { loadMigrateConfig } from '../config/config.ts'
import { MIGRATION_CONNECT_MS, MIGRATION_STATEMENT_MS } from '../contracts/time-budget.ts'
import { connectDatabase } from '../store/database.ts'
import { migrate } from '../store/migrations/migrate.ts'
import { requireDirect } from '../store/migrations/require-direct.ts'
import { reachPostgres } from '../store/reach-postgres.ts'
import { grantRights } from '../store/roles/grant-rights.ts'
import { run } from './lifecycle.ts'

/** `npm run migrate`: brings the order store's schema up to date, and renews the rights of the roles that the settings name. */
run(async () => {
  const { databaseUrl, databaseAppRole: app, databaseOperatorRole: operator } = loadMigrateConfig(process.env)
  const db = connectDatabase(databaseUrl, { connectTimeoutMs: MIGRATION_CONNECT_MS, statementTimeoutMs: MIGRATION_STATEMENT_MS })
  await reachPostgres(db, databaseUrl, 'server')
  await requireDirect(databaseUrl, MIGRATION_CONNECT_MS)
  const applied = await migrate(db)
  console.log(applied.length > 0 ? `migrated: ${applied.join(', ')}` : 'the schema is up to date')
  for (const granted of await grantRights(db, { app, operator })) console.log(granted)
  await db.destroy()
})
