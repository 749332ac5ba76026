import type { Database } from '../../store/database.ts'

/** Does something in a transaction of which nothing stays. */
export async function inRolledBack<T>(db: Database, run: (trx: Database) => Promise<T>): Promise<T> {
  const trx = await db.startTransaction().execute()
  try {
    return await run(trx)
  } finally {
    await trx.rollback().execute()
  }
}
