import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Schema } from './schema.ts'

/** One statement; must stay below the store activities' startToClose (workflows/activity-options.ts). */
const STATEMENT_TIMEOUT_MS = 2_500
const CONNECT_TIMEOUT_MS = 2_000

export type Database = Kysely<Schema>

/**
 * A pool on PostgreSQL; connects when first used, and again after the server was away.
 * @param options.max connections at most @default 10
 * @param options.onError told of connections that broke while idle
 */
export function connectDatabase(url: string, options: { max?: number; onError?: (error: Error) => void } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A server that stopped answering is no statement timeout; the margin lets the server's own word arrive first.
    query_timeout: STATEMENT_TIMEOUT_MS + 500,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  })
  // Without a listener a PostgreSQL restart would end the process.
  pool.on('error', (error) => options.onError?.(error))
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}

/** Whether PostgreSQL answers and knows our tables. */
export async function isReachable(db: Database): Promise<boolean> {
  try {
    await sql`select 1 from orders limit 1`.execute(db)
    return true
  } catch {
    return false
  }
}

// Amounts are bigint in the database and below 2^53 by contracts/money.ts; pg's default would hand out strings.
const parserOf = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary'
    ? Number
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser
