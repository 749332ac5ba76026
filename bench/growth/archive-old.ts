import { archiveBatch } from '../../store/archive/archive-batch.ts'
import type { Database } from '../../store/database.ts'

/** Archives what has been over for so long, without rests: nobody else uses the store yet. @returns the number of orders archived */
export async function archiveOld(db: Database, olderThanMs: number, atOnce = 10_000): Promise<number> {
  for (let archived = 0; ; ) {
    const moved = (await archiveBatch(db, olderThanMs, atOnce)) ?? 0
    archived += moved
    if (moved < atOnce) return archived
  }
}
