import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../database.ts'
import { archiveBatch } from './archive-batch.ts'

/** Orders of one batch: their rows are locked for some ten milliseconds. */
const AT_ONCE = 200
/** Rest while others keep the orders where they are, in milliseconds. */
const LOOK_AGAIN_MS = 100

/** Orders that are to be archived, and the effort that may be spent on it. */
export interface Archiving {
  /** Time since the last change of an order, in milliseconds. */
  olderThanMs: number
  /** Percentage of the time for which a batch may be under way: a rest follows each. */
  share: number
  /** Time after which no further batch begins, in milliseconds. @default none */
  forMs?: number
  /** Ends the archiving behind the batch that is under way. */
  signal?: AbortSignal
  /** Called after each batch with the number of orders that it moved. */
  onBatch?: (moved: number) => void
}

/**
 * Moves old orders into the archive, batch after batch. Whatever ends it, each batch stands by itself.
 * @returns the number of orders moved, and whether there may be more
 */
export async function archiveOldOrders(
  db: Database,
  { olderThanMs, share, forMs = Number.POSITIVE_INFINITY, signal, onBatch }: Archiving,
): Promise<{ archived: number; more: boolean }> {
  const begun = performance.now()
  for (let archived = 0; ; ) {
    signal?.throwIfAborted()
    const batchBegun = performance.now()
    const moved = await archiveBatch(db, olderThanMs, AT_ONCE)
    const ended = performance.now()
    archived += moved ?? 0
    onBatch?.(moved ?? 0)
    if (moved !== undefined && moved < AT_ONCE) return { archived, more: false }
    if (ended - begun >= forMs) return { archived, more: true }
    const restMs = (ended - batchBegun) * (100 / share - 1)
    await sleep(moved === undefined ? Math.max(restMs, LOOK_AGAIN_MS) : restMs, undefined, { ...(signal && { signal }) })
  }
}
