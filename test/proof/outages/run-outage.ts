import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerName } from '../../e2e/faults/place.ts'
import { type SentOrder, SteadyLoad } from '../../e2e/faults/steady-load.ts'
import { until } from '../../e2e/faults/until.ts'
import { StockEquation } from '../../e2e/stock.ts'
import { countBy } from '../../support/count-by.ts'
import { type Memory, MemoryWatch } from './memory-watch.ts'
import type { OutageKind, OutageShop } from './outage-shop.ts'

const GOODS_IDS = [81, 82, 83]
/** Time of load before the outage. Milliseconds. */
const BEFORE_MS = 3_000
/** Time of load after everything is settled: after a short outage that is before the starter knows of the return. */
const AFTER_MS = 6_000
/** Apart from other tests; each run takes users of its own, since an order that waits locks its user. */
let nextUser = 2_000_000

export interface OutageReport {
  outage: OutageKind
  seconds: number
  sent: number
  /** First answers: `created`, `pending`, or a failure. */
  answers: Record<string, number>
  /** The same of the orders sent while it lasted. */
  meanwhile: Record<string, number>
  /** Longest time until orders that were answered 503 got another answer. Milliseconds; undefined if none was. */
  slowest503: number | undefined
  /** Orders by status and failure, when all was settled; `no order` for those that were never begun. */
  ended: Record<string, number>
  /** Time from the return of what was away to the first 201 for an order that was sent after it. Milliseconds. */
  resumedAfter: number
  /** Time from then until no order that was sent before is open, nor a run of one. Milliseconds. */
  settledAfter: number
  memory: { worker: Memory; starter: Memory }
  /** Violations of what must always hold: a leak, an untrue answer. */
  violations: string[]
}

/** Orders at a steady rate, something away in their midst, and what became of each. @throws Error if they don't come to an end */
export async function runOutage(
  shop: OutageShop,
  { kind, seconds, ordersPerSecond }: { kind: OutageKind; seconds: number; ordersPerSecond: number },
): Promise<OutageReport> {
  const equation = await StockEquation.of(shop.stack, GOODS_IDS)
  const firstUser = nextUser
  nextUser += 100_000
  const watches = { worker: new MemoryWatch(shop.worker.url), starter: new MemoryWatch(shop.starter.url) }
  const load = new SteadyLoad(shop.starter.url, ordersPerSecond, { goodsIds: GOODS_IDS, firstUser })
  try {
    await sleep(BEFORE_MS)
    const goneAt = Date.now()
    try {
      await shop.begin(kind)
      await sleep(seconds * 1_000)
    } finally {
      await shop.end(kind)
    }
    const backAt = Date.now()
    await until('the orders that were open are settled', () => assertSettled(shop, new Date(backAt), firstUser))
    const settledAfter = Date.now() - backAt
    await sleep(AFTER_MS)
    const sent = await load.stop()
    const violations: string[] = []
    await equation.assertHolds().catch((error: Error) => violations.push(error.message))
    const rows = await readRows(shop, firstUser)
    for (const one of sent) violations.push(...judge(one, rows.get(one.orderSn)))
    const failed = sent.filter(({ answer }) => answerName(answer) === 'ServiceUnavailable')
    const resumed = sent.filter(({ answer, sentAt }) => answer.kind === 'created' && sentAt >= backAt)
    return {
      outage: kind,
      seconds,
      sent: sent.length,
      answers: countBy(sent.map(({ answer }) => answerName(answer))),
      meanwhile: countBy(
        sent.filter(({ sentAt }) => sentAt >= goneAt && sentAt < backAt).map(({ answer }) => answerName(answer)),
      ),
      slowest503: failed.length > 0 ? Math.max(...failed.map(({ sentAt, answeredAt }) => answeredAt - sentAt)) : undefined,
      ended: countBy(sent.map(({ orderSn }) => rows.get(orderSn)?.end ?? 'no order')),
      resumedAfter: Math.min(...resumed.map(({ answeredAt }) => answeredAt)) - backAt,
      settledAfter,
      memory: { worker: await watches.worker.stop(), starter: await watches.starter.stop() },
      violations,
    }
  } finally {
    await load.stop()
    await Promise.allSettled([watches.worker.stop(), watches.starter.stop()])
  }
}

interface Row {
  status: string
  /** Status, and the failure for which it was closed. */
  end: string
}

async function readRows({ stack }: OutageShop, firstUser: number): Promise<Map<string, Row>> {
  const rows = await stack.db
    .selectFrom('orders')
    .select(['order_sn', 'status', 'refusal_type'])
    .where('user_id', '>=', firstUser)
    .execute()
  return new Map(
    rows.map(({ order_sn, status, refusal_type }) => [
      order_sn,
      { status, end: refusal_type ? `${status} ${refusal_type}` : status },
    ]),
  )
}

async function assertSettled({ stack, taskQueue }: OutageShop, backAt: Date, firstUser: number): Promise<void> {
  const begunBefore = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running' AND StartTime < '${backAt.toISOString()}'`
  const { count } = await stack.client.workflow.count(begunBefore)
  assert.equal(count, 0, `${count} runs are open`)
  const unsettled = await stack.db
    .selectFrom('orders')
    .select('order_sn')
    .where('user_id', '>=', firstUser)
    .where('created_at', '<', backAt)
    .where('stock_state', 'not in', ['none', 'sold', 'returned'])
    .execute()
  assert.equal(unsettled.length, 0, `${unsettled.length} orders are not settled`)
}

/** Judges whether an answer was true, now that all is settled. An answer of 202, or none, says nothing that could be wrong. */
function judge({ orderSn, answer }: SentOrder, row: Row | undefined): string[] {
  const told = answerName(answer)
  const wrong = `order ${orderSn} was answered ${told}, and is ${row?.end ?? 'not there'}`
  if (answer.kind === 'created') return row?.status === 'PAYING' ? [] : [wrong]
  // 503 and an unheard request: nothing was begun, so that nothing can be half done.
  if (told === 'ServiceUnavailable' || answer.kind === 'unreached') return row ? [wrong] : []
  if (told === 'InternalError') return [wrong]
  if (answer.kind === 'refused' && row && row.status !== 'TRADE_CLOSED') return [wrong]
  return []
}
