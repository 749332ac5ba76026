import { archiveBatch } from '../../store/archive/archive-batch.ts'
import type { Database } from '../../store/database.ts'

const AT_ONCE = 10_000

/** Archives what has been over for so long, without rests: nobody else uses the store yet. @returns the number of orders archived */
export async function archiveOld(db: Database, olderThanMs: number): Promise<number> {
  for (let archived = 0; ; ) {
    const moved = (await archiveBatch(db, olderThanMs, AT_ONCE)) ?? 0
    archived += moved
    if (moved < AT_ONCE) return archived
  }
}
