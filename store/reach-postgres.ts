import { sql } from 'kysely'
import { reasonOf } from '../contracts/reason-of.ts'
import type { Database } from './database.ts'

/** SQLSTATE undefined_table. */
const NO_TABLE = '42P01'

/**
 * Asks PostgreSQL once, for a program that is of no use without it.
 * @param url of the setting DATABASE_URL
 * @param need what has to be there
 * @throws Error naming server and database (never the password), why not, and what to do
 */
export async function reachPostgres(db: Database, url: string, need: 'server' | 'tables'): Promise<void> {
  const question = need === 'tables' ? sql`SELECT FROM orders LIMIT 0` : sql`SELECT`
  await question.execute(db).catch((error: Error & { code?: string }) => {
    const { hostname, port, pathname } = new URL(url)
    const at = `${hostname}:${port || 5432}${pathname}`
    if (error.code === NO_TABLE) throw new Error(`PostgreSQL at ${at} has no tables of ours yet: run npm run migrate first`)
    throw new Error(`PostgreSQL can't be used at ${at} (${reasonOf(error)}): start it, or mend DATABASE_URL`)
  })
}
