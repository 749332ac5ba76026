import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** Returns the account by which PostgreSQL knows these connections. */
export async function accountOf(db: Database): Promise<string> {
  const { rows } = await sql<{ account: string }>`select session_user as account`.execute(db)
  return rows[0]?.account ?? 'unknown'
}
