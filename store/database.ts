import { Kysely, type KyselyConfig, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { STORE_CONNECT_MS, STORE_STATEMENT_MS } from '../contracts/time-budget.ts'
import { spoilsConnection } from './failures.ts'
import type { Schema } from './schema.ts'
import { inStatementSpan } from './statement-spans.ts'

export type Database = Kysely<Schema>

/**
 * A pool on PostgreSQL; connects when first used, and again after the server was away.
 * @param options.max connections at most @default 10
 * @param options.connectTimeoutMs of one wait for a connection of the pool, be it free or new @default 2000
 * @param options.statementTimeoutMs of one statement @default 2500
 * @param options.onError called with the error of each connection that broke while idle
 * @param options.maxUses statements after which a connection is replaced @default never
 * @param options.log called with each statement and its parameters, which may be personal data @default nothing is
 */
export function connectDatabase(
  url: string,
  options: {
    max?: number
    connectTimeoutMs?: number
    statementTimeoutMs?: number
    maxUses?: number
    onError?: (error: Error) => void
    log?: KyselyConfig['log']
  } = {},
): Database {
  const { statementTimeoutMs = STORE_STATEMENT_MS } = options
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    ...(options.maxUses && { maxUses: options.maxUses }),
    connectionTimeoutMillis: options.connectTimeoutMs ?? STORE_CONNECT_MS,
    statement_timeout: statementTimeoutMs,
    // A server that stopped answering is no statement timeout; the margin lets the server's own word arrive first.
    query_timeout: statementTimeoutMs + 500,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  })
  // Without listeners a PostgreSQL restart would end the process: the pool listens to its idle connections only, and what
  // breaks under a statement is that statement's failure.
  pool.on('error', (error) => options.onError?.(error))
  pool.on('connect', (connection) => connection.on('error', () => {}))
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: withoutTheDead(pool) }),
    ...(options.log && { log: options.log }),
  })
}

/**
 * Kysely gives every connection back as a good one. One whose server fell silent would be taken again and again, and each
 * statement on it would time out, long after the server is back; one to a server that was demoted would refuse every write.
 */
function withoutTheDead(pool: pg.Pool): PostgresPool {
  return {
    async connect() {
      const connection = await pool.connect()
      let dead = false
      const query = async (text: string, values: unknown[]) => {
        try {
          return await inStatementSpan(text, () => connection.query(text, values))
        } catch (error) {
          dead ||= spoilsConnection(error)
          throw error
        }
      }
      // The cast: kysely's type has an overload for cursors, which are not used here.
      return { query: query as unknown as PostgresPoolClient['query'], release: () => connection.release(dead) }
    },
    end: () => pool.end(),
  }
}

// Amounts are bigint in the database and below 2^53 by contracts/money.ts; pg's default would hand out strings.
const parserOf = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary'
    ? Number
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser
