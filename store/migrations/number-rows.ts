import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import { givingWay } from './giving-way.ts'

/** SQLSTATE of a constraint that is there. */
const DUPLICATE_OBJECT = '42710'
/** Rows that are locked at a time. */
const ROWS_AT_ONCE = 1_000
const FIRST = { orders: [''], order_lines: ['', 0], cart_items: [0, 0] }

/** Tables whose rows have an integer, and the keys by which they are walked: the order in which the store's own statements lock. */
const NUMBERED = {
  orders: ['order_sn'],
  order_lines: ['order_sn', 'goods_id'],
  cart_items: ['user_id', 'goods_id'],
} as const
type Numbered = keyof typeof NUMBERED

/**
 * Gives an integer to the rows that were there before integers were, some at a time, beside the orders that are being created. A walk that was cut off
 * begins anew, and finds less to do. A constraint says afterwards that every row has one, and that there is nothing left to walk.
 */
export async function numberRows(db: Kysely<Schema>): Promise<void> {
  for (const table of Object.keys(NUMBERED) as Numbered[]) {
    if ((await constraintIn(db, table))?.convalidated) continue
    for (let last: readonly unknown[] | undefined = FIRST[table]; last; ) last = await numberSome(db, table, last)
    await givingWay(db, async (session) => {
      const numbered = sql`alter table ${sql.id(table)} add constraint ${sql.id(constraintOf(table))} check (id is not null) not valid`
      if (await constraintIn(session, table)) return
      await numbered.execute(session).catch((error: { code?: string }) => {
        // Another migration that runs at the same time has added it since.
        if (error.code !== DUPLICATE_OBJECT) throw error
      })
    })
    // Reads the table beside its writers.
    await sql`alter table ${sql.id(table)} validate constraint ${sql.id(constraintOf(table))}`.execute(db)
  }
}

function constraintOf(table: Numbered): string {
  return `${table}_numbered`
}

async function constraintIn(db: Kysely<Schema>, table: Numbered): Promise<{ convalidated: boolean } | undefined> {
  const { rows } = await sql<{ convalidated: boolean }>`
    select convalidated from pg_constraint
    where conname = ${constraintOf(table)} and connamespace = current_schema()::regnamespace`.execute(db)
  return rows[0]
}

/** @returns the keys of the last row that was walked; `undefined` at the end */
async function numberSome(db: Kysely<Schema>, table: Numbered, last: readonly unknown[]): Promise<unknown[] | undefined> {
  const keys = NUMBERED[table]
  const names = sql.join(keys.map((key) => sql.id(key)))
  const { rows } = await sql<Record<string, unknown>>`
    with part as materialized (
      select ${names}, id from ${sql.id(table)} where (${names}) > (${sql.join(last)}) order by ${names} limit ${ROWS_AT_ONCE}
    ),
    bare as materialized (
      select ${names} from ${sql.id(table)} join part using (${names}) where part.id is null order by ${names} for update of ${sql.id(table)}
    ),
    numbered as (
      update ${sql.id(table)} t set id = default from bare
      where ${sql.join(
        keys.map((key) => sql`t.${sql.id(key)} = bare.${sql.id(key)}`),
        sql` and `,
      )} and t.id is null
    )
    select ${names} from part order by ${names} desc limit 1`.execute(db)
  const [row] = rows
  return row && keys.map((key) => row[key])
}
