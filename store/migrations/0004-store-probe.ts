import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // One row, which every starter and worker writes to find out whether PostgreSQL takes writes.
  await sql`create table store_probe (one boolean primary key check (one), at timestamptz not null)`.execute(db)
  await sql`insert into store_probe values (true, now())`.execute(db)
}
