import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import { givingWay } from './giving-way.ts'

/** A look at an index costs two pages read out of order, 4 each (random_page_cost): a smaller table seems cheaper to PostgreSQL if it is read whole. */
const PAGES = 12
const PAGE_BYTES = 8_192
const ROWS_A_PAGE = 8

/** Rows that take an eighth of a page each, of nobody, under which no trigger does anything. */
const FILLING: Record<string, RawBuilder<unknown>> = {
  orders: sql`
    insert into orders (id, order_sn, user_id, request_id, fingerprint, status, stock_state, from_cart, workflow_id)
    select -n, 'first-page-' || n, -n, '', repeat('-', ${PAGE_BYTES / ROWS_A_PAGE}::integer), 'CREATING', 'none', false, ''
    from generate_series(1, ${PAGES * ROWS_A_PAGE}::integer) n`,
  payments: sql`
    insert into payments (provider, payment_id, order_sn, amount, currency, paid_at, outcome, refund)
    select repeat('-', ${PAGE_BYTES / ROWS_A_PAGE}::integer), n, 'first-page-' || n, 0, '', now(), 'accepted', 'none'
    from generate_series(1, ${PAGES * ROWS_A_PAGE}::integer) n`,
}

/**
 * Gives orders and payments their first pages, empty, if they have fewer. PostgreSQL plans the checks of foreign keys, and what functions look up, once
 * for a connection, by the pages that a table has at that moment, and again after the table was analyzed: a minute later, or more. A new table counts as
 * ten pages, but not if another inherits from it, as the archive does. Until then each line of a new order would read all orders there are.
 */
export async function takeFirstPages(db: Kysely<Schema>): Promise<void> {
  for (const [table, filling] of Object.entries(FILLING)) {
    if (!(await isSmall(db, table))) continue
    await givingWay(db, async (session) => {
      // Vacuum would give the pages back, under a lock that nobody gets beside orders.
      await sql`alter table ${sql.id(table)} set (vacuum_truncate = false)`.execute(session)
      await session.transaction().execute(async (trx) => {
        await filling.execute(trx)
        await sql`delete from ${sql.id(table)} where order_sn like 'first-page-%'`.execute(trx)
      })
    })
  }
}

async function isSmall(db: Kysely<Schema>, table: string): Promise<boolean> {
  const { rows } = await sql<{ bytes: number }>`select pg_relation_size(${table}::regclass) as bytes`.execute(db)
  return Number(rows[0]?.bytes) < PAGES * PAGE_BYTES
}
