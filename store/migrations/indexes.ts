import { type Kysely, sql } from 'kysely'
import { ARCHIVABLE } from '../archive/archivable.ts'
import { ENDED_AT, WITH_RECIPIENT, WITH_SEALED } from '../forget-recipients.ts'
import type { Schema } from '../schema.ts'

/** Key of the session's advisory lock under which one process at a time builds indexes. */
const BUILDING = 1_667_330_677
const LOOK_AGAIN_MS = 200

interface Index {
  unique?: boolean
  on: string
}

/** Indexes of the orders by which the archived ones are found as well: each is built for both tables, since an index does not inherit. */
const OF_ORDERS = {
  // What a user is shown, each status by itself: no refused request, nothing that was deleted.
  orders_listed: {
    on: `orders (user_id, status, created_at desc, order_sn desc)
    where deleted_at is null and (confirmed_at is not null or status in ('CREATING', 'IN_DOUBT'))`,
  },
  // What the sweep looks for, and the intake counts: the orders that were closed after their confirmation may be many more.
  orders_unconfirmed: { on: `orders (updated_at) where (status = 'CREATING' or owed <> '{}') and confirmed_at is null` },
  // What was closed after its confirmation and is owed, to be entered at any place: numbers of orders are in no order.
  orders_returning: {
    on: `orders (keyed, order_sn) where owed <> '{}' and confirmed_at is not null and stock_state <> 'in_doubt'`,
  },
  // The integers by which callers of the gRPC contract name them.
  orders_id: { unique: true, on: 'orders (id)' },
  // Whose recipient is to be forgotten: those that ended, and are not old enough yet.
  orders_recipients: { on: `orders (${ENDED_AT}) where ${WITH_RECIPIENT}` },
  orders_sealed: { on: `orders (${ENDED_AT}) where ${WITH_SEALED}` },
  // Imported orders are found by the number that their buyers know.
  orders_imported: { on: 'orders (imported_sn, id) where imported_sn is not null' },
} satisfies Record<string, Index>

/**
 * Indexes of tables that may be large by the time at which a release brings them. They are built beside the orders that are being created
 * (`create index concurrently`), which no transaction can hold; so they are no migration, and are looked for at every `migrate`.
 */
const INDEXES: Record<string, Index> = {
  ...OF_ORDERS,
  ...inArchive(OF_ORDERS),
  // What is to be closed stays small: the unpaid orders.
  orders_due: { on: `orders (pay_deadline) where status in ('PAYING', 'WAIT_BUYER_PAY')` },
  // What a user has not paid, orders that they have hidden included.
  orders_unpaid: { on: `orders (user_id) where status in ('CREATING', 'PAYING', 'WAIT_BUYER_PAY')` },
  // What the next batches of the archiving move, the longest unchanged first.
  orders_archivable: { on: `orders (updated_at) where ${ARCHIVABLE}` },
  cart_items_id: { unique: true, on: 'cart_items (id)' },
}

function inArchive(indexes: Record<string, Index>): Record<string, Index> {
  const named = (text: string) => text.replace(/^orders/, 'orders_archive')
  return Object.fromEntries(Object.entries(indexes).map(([name, index]) => [named(name), { ...index, on: named(index.on) }]))
}

/**
 * Builds the indexes that are missing, and anew those of which an earlier attempt was cut off.
 * @returns the names of those that this call built
 */
export async function buildIndexes(db: Kysely<Schema>): Promise<string[]> {
  return await db.connection().execute(async (session) => {
    await takeTurn(session)
    try {
      const missing = await missingIndexes(session)
      for (const name of missing) {
        await sql`drop index concurrently if exists ${sql.id(name)}`.execute(session)
        const { unique, on } = INDEXES[name] as Index
        await sql`create ${sql.raw(unique ? 'unique index' : 'index')} concurrently ${sql.id(name)} on ${sql.raw(on)}`.execute(
          session,
        )
      }
      return missing
    } finally {
      await sql`select pg_advisory_unlock(${BUILDING}::bigint)`.execute(session)
    }
  })
}

/** Waits between two looks, and not in a statement: an index that is being built waits for every statement that began before. */
async function takeTurn(session: Kysely<Schema>): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ had: boolean }>`select pg_try_advisory_lock(${BUILDING}::bigint) as had`.execute(session)
    if (rows[0]?.had) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

async function missingIndexes(session: Kysely<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indisvalid and c.relnamespace = current_schema()::regnamespace`.execute(session)
  const there = new Set(rows.map(({ name }) => name))
  return Object.keys(INDEXES).filter((name) => !there.has(name))
}
