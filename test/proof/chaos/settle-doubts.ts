import { setTimeout as sleep } from 'node:timers/promises'
import type { Line } from '../../../contracts/order.ts'
import { soundLines } from '../../../contracts/sound-lines.ts'
import { resolveInDoubt } from '../../../store/resolve-in-doubt.ts'
import type { ChaosShop } from './chaos-shop.ts'

const LOOK_EVERY_MS = 1_000

/** Operator of a shop whose inventory has no keys. */
export interface Operator {
  /** Lines of all orders that were in doubt, each as often as it was: their pieces may be gone, or not. */
  readonly doubted: readonly Line[]
  leave(): Promise<void>
}

/**
 * Settles what is in doubt, until told to leave, by the word that nothing was applied. Whether that is so the inventory does not say: the equation of its
 * stock has as much leeway as the doubts leave it, and no more.
 */
export function settleDoubts({ db }: Pick<ChaosShop, 'db'>): Operator {
  const doubted: Line[] = []
  let isThere = true
  const work = async () => {
    for (; isThere; await sleep(LOOK_EVERY_MS)) {
      const inDoubt = db.selectFrom('orders').select(['order_sn', 'lines']).where('stock_state', '=', 'in_doubt')
      // A database that is on its way up is asked again.
      for (const row of await inDoubt.execute().catch(() => [])) {
        const verdict = { orderSn: row.order_sn, verdict: 'notSold', by: 'chaos', why: 'nobody knows' } as const
        if (await resolveInDoubt(db, verdict).catch(() => undefined)) doubted.push(...soundLines(row.lines))
      }
    }
  }
  const working = work()
  return {
    doubted,
    async leave() {
      isThere = false
      await working
    },
  }
}
