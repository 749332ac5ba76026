import { type Expression, sql } from 'kysely'

/** A moment as PostgreSQL counts it: microseconds since 1970, an integer as text. */
export function microsOf(moment: Expression<unknown>) {
  return sql<string>`(extract(epoch from ${moment}) * 1000000)::bigint::text`
}

/** The moment of so many microseconds since 1970. */
export function momentOf(micros: string) {
  return sql`(timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond')`
}
