import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** The key that seals the recipients of a user, wrapped by a key that the database does not have. */
export interface StoredDataKey {
  userId: number
  /** A UUID. */
  id: string
  wrapped: Buffer
  /** Id of the key that wrapped it. */
  kek: string
}

/** @returns the keys of those of these users who have one */
export async function dataKeys(db: Database, userIds: readonly number[]): Promise<StoredDataKey[]> {
  const { rows } = await sql<StoredDataKey>`
    select user_id as "userId", id, wrapped, kek from recipient_keys where user_id = any(${userIds}::integer[])`.execute(db)
  return rows
}

/** Gives a user a data key, unless they have one. */
export async function addDataKey(db: Database, { userId, id, wrapped, kek }: StoredDataKey): Promise<void> {
  await sql`
    insert into recipient_keys (user_id, id, wrapped, kek) values (${userId}, ${id}, ${wrapped}, ${kek})
    on conflict (user_id) do nothing`.execute(db)
}

/** @returns the next data keys that another key than this one has wrapped, in the order of their users */
export async function dataKeysNotWrappedBy(
  db: Database,
  { kek, afterUser, atMost }: { kek: string; afterUser: number; atMost: number },
): Promise<StoredDataKey[]> {
  const { rows } = await sql<StoredDataKey>`
    select user_id as "userId", id, wrapped, kek from recipient_keys where kek <> ${kek} and user_id > ${afterUser}
    order by user_id limit ${atMost}`.execute(db)
  return rows
}

/** Writes data keys that were wrapped again. One that was erased meanwhile stays erased. @returns the number of those written */
export async function rewrapDataKeys(db: Database, keys: readonly Omit<StoredDataKey, 'userId'>[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update recipient_keys k set wrapped = r.wrapped, kek = r.kek
    from unnest(${keys.map(({ id }) => id)}::uuid[], ${keys.map(({ wrapped }) => wrapped)}::bytea[], ${keys.map(({ kek }) => kek)}::text[])
      as r (id, wrapped, kek)
    where k.id = r.id`.execute(db)
  return Number(numAffectedRows)
}
