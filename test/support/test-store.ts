import { ensureAccount } from '../../dev/ensure-account.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { grantRights } from '../../store/roles/grant-rights.ts'
import type { RoleKind } from '../../store/roles/rights.ts'
import { findPgbouncer, type Pooler, startPgbouncer } from './pgbouncer.ts'
import { PATIENT_STORE, testDatabase } from './postgres.ts'

let pooler: Promise<Pooler> | undefined

type Options = Parameters<typeof connectDatabase>[1]

/** Connection strings of a database that has the tables of the store, by account. */
export type TestStore = Readonly<Record<RoleKind | 'owner', string>>

/** A fresh database with the tables of the store, and an account for each role. */
export async function testStore(): Promise<TestStore> {
  const owner = await testDatabase()
  const db = connectPatiently(owner)
  await migrate(db)
  await db.destroy()
  return await withAccounts(owner)
}

/** Gives roles their rights in a database that has the tables, and an account to each. */
export async function withAccounts(owner: string): Promise<TestStore> {
  const db = connectPatiently(owner)
  await grantRights(db, { app: 'test_app', operator: 'test_operator' })
  await db.destroy()
  return {
    owner,
    app: await ensureAccount(owner, { name: 'test_app_1', role: 'test_app' }),
    operator: await ensureAccount(owner, { name: 'test_operator_1', role: 'test_operator' }),
  }
}

/** The store's connections to a fresh database that has its tables, with the rights of starters and workers alone. */
export async function connectTestStore(options: Options = {}): Promise<Database> {
  const { app } = await testStore()
  return connectPatiently(await throughPooler(app), options)
}

/** Connections whose statements may take as long as a slow machine needs. */
export function connectPatiently(url: string, options: Options = {}): Database {
  return connectDatabase(url, { ...PATIENT_STORE, ...options })
}

/** Returns the same URL, with TEST_POOLER=transaction by way of a PgBouncer of the run: every test that connects so shows that it may stand there. */
async function throughPooler(url: string): Promise<string> {
  if (process.env.TEST_POOLER !== 'transaction') return url
  const program = findPgbouncer()
  if (!program) throw new Error('TEST_POOLER needs PgBouncer: apt-get install pgbouncer')
  pooler ??= startPgbouncer(program, [url])
  return (await pooler).urlFor(url)
}
