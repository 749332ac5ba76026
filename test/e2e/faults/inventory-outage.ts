import { setTimeout as sleep } from 'node:timers/promises'
import { countBy } from '../../support/count-by.ts'
import { everyUser } from '../../support/every-user.ts'
import type { TestStack } from '../../support/stack.ts'
import { StockEquation } from '../stock.ts'
import { endRuns } from './end-runs.ts'
import { answerName } from './place.ts'
import { spawnRoot } from './spawn-root.ts'
import { SteadyLoad } from './steady-load.ts'
import { storedOrders } from './stored-orders.ts'

const GOODS_IDS = [71, 72, 73]
/** Time of load before the inventory goes, and after it is back. Milliseconds. */
const AROUND_MS = 3_000
const SAMPLE_EVERY_MS = 200
/** Each order has a user of its own: more than the reference directory knows. */
const FIRST_USER = 1_000_000

export interface Outage {
  intake: 'single' | 'lane'
  ordersPerSecond: number
  /** Seconds for which the inventory is away. */
  seconds: number
}

export interface OutageReport {
  sent: number
  /** Number of requests by their first answer: `created`, `pending`, or a failure. */
  answers: Record<string, number>
  /** Number of orders by their end: status and failure. */
  ended: Record<string, number>
  /** Calls to the inventory from the first look at an open breaker until the inventory was back, and the seconds between. */
  whileOpen: { calls: number; seconds: number }
  /** Times from the inventory's return to the first confirmed order that it had held up, and to the last. Milliseconds. */
  resumedAfterMs: { first: number; last: number }
}

/**
 * Sends orders at a steady rate through a worker and a starter of their own, stops the inventory in between, and waits until
 * every order is settled. No stock may have leaked then (throws AssertionError).
 */
export async function inventoryOutage(stack: TestStack, { intake, ordersPerSecond, seconds }: Outage): Promise<OutageReport> {
  const equation = await StockEquation.of(stack, GOODS_IDS)
  const users = await everyUser()
  // The worker whose breaker is watched makes all of the calls.
  const settings = { TASK_QUEUE: `outage-${intake}`, INTAKE: intake, STARTER_WORKER: 'false', USER_TARGET: users.address }
  const [worker, starter] = await Promise.all([spawnRoot(stack, 'worker', settings), spawnRoot(stack, 'starter', settings)])
  const load = new SteadyLoad(starter.url, ordersPerSecond, { goodsIds: GOODS_IDS, firstUser: FIRST_USER })
  const breaker = new BreakerWatch(worker.url)
  try {
    await sleep(AROUND_MS)
    try {
      await stack.stopPart('inventory')
      await sleep(seconds * 1_000)
    } finally {
      await stack.startPart('inventory')
    }
    const backAt = new Date()
    const whileOpen = breaker.stop()
    await sleep(AROUND_MS)
    const sent = await load.stop()
    await equation.assertHolds()
    const rows = [...(await storedOrders(stack, sent)).values()]
    const held = rows.filter(
      ({ status, created_at, updated_at }) => status === 'PAYING' && created_at < backAt && updated_at > backAt,
    )
    const after = held.map(({ updated_at }) => updated_at.getTime() - backAt.getTime()).sort((a, b) => a - b)
    return {
      sent: sent.length,
      answers: countBy(sent.map(({ answer }) => answerName(answer))),
      ended: countBy(rows.map(({ status, refusal_type }) => (refusal_type ? `${status} ${refusal_type}` : status))),
      whileOpen,
      resumedAfterMs: { first: after[0] ?? Number.NaN, last: after.at(-1) ?? Number.NaN },
    }
  } finally {
    breaker.stop()
    await load.stop()
    await starter.stop()
    await endRuns(stack, settings.TASK_QUEUE).finally(() => worker.stop())
    users.stop()
  }
}

/** Reads a worker's metrics again and again, as Prometheus would. */
class BreakerWatch {
  readonly #timer: NodeJS.Timeout
  #opened: { calls: number; at: number } | undefined
  #last = { calls: 0, at: 0 }

  constructor(url: string) {
    this.#timer = setInterval(() => void this.#look(url).catch(() => {}), SAMPLE_EVERY_MS)
  }

  /** @returns what was called since the breaker was first seen open */
  stop() {
    clearInterval(this.#timer)
    const { calls, at } = this.#opened ?? this.#last
    return { calls: this.#last.calls - calls, seconds: (this.#last.at - at) / 1_000 }
  }

  async #look(url: string): Promise<void> {
    const text = await (await fetch(`${url}/metrics`)).text()
    const samples = [...text.matchAll(/^rpc_calls_total\{service="inventory".* (\d+)$/gm)]
    this.#last = { calls: samples.reduce((sum, [, value]) => sum + Number(value), 0), at: Date.now() }
    if (/^circuit_breaker_state\{service="inventory",[^}]*\} [12]$/m.test(text)) this.#opened ??= this.#last
  }
}
