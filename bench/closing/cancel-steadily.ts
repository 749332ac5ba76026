import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../store/database.ts'
import type { Closing } from '../report/results.ts'
import { percentile } from '../report/statistics.ts'
import type { RunningRow } from '../rows/running-row.ts'
import { insertUnpaid } from './unpaid-orders.ts'

const LOOK_EVERY_MS = 20
const PATIENCE_MS = 60_000
const A_DAY = 86_400
/** Seconds of cancels that are not counted: a process that was just started has its code to compile first. */
const WARM_UP = 5

/** Cancels unpaid orders over HTTP at a steady rate, and measures the time from each request until its stock is back. */
export async function cancelSteadily(
  row: RunningRow,
  db: Database,
  { perSecond, seconds, from }: { perSecond: number; seconds: number; from: number },
): Promise<Closing['cancels']> {
  const orderSns = await insertUnpaid(db, { from, count: perSecond * (WARM_UP + seconds), dueInSeconds: A_DAY })
  const waiting = new Map<string, number>()
  const counted = new Set<string>(orderSns.slice(WARM_UP * perSecond))
  const times: number[] = []
  let refused = 0
  let sending = true
  const cancel = async (orderSn: string) => {
    waiting.set(orderSn, performance.now())
    const sent = await fetch(`${row.url}/orders/${orderSn}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    await sent.arrayBuffer()
    if (sent.status === 200) return
    refused++
    waiting.delete(orderSn)
  }
  const watch = async () => {
    let patience = performance.now() + PATIENCE_MS
    while (sending || (waiting.size > 0 && performance.now() < patience)) {
      if (sending) patience = performance.now() + PATIENCE_MS
      const sought = [...waiting.keys()]
      const back = sought.length > 0 ? await returnedAmong(db, sought) : []
      for (const orderSn of back) {
        if (counted.has(orderSn)) times.push(performance.now() - (waiting.get(orderSn) ?? 0))
        waiting.delete(orderSn)
      }
      await sleep(LOOK_EVERY_MS)
    }
  }
  row.resume()
  const watching = watch()
  try {
    const begin = performance.now()
    const sent = orderSns.map(async (orderSn, i) => {
      await sleep(Math.max(0, begin + (i * 1_000) / perSecond - performance.now()))
      await cancel(orderSn)
    })
    await Promise.all(sent)
  } finally {
    sending = false
    await watching
    row.pause()
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => percentile(times, share)
  return { perSecond, cancelled: times.length, refused, left: waiting.size, backMs: { p50: at(0.5), p99: at(0.99), max: at(1) } }
}

async function returnedAmong(db: Database, orderSns: string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('orders')
    .select('order_sn')
    .where('order_sn', 'in', orderSns)
    .where('stock_state', '=', 'returned')
    .execute()
  return rows.map(({ order_sn }) => order_sn)
}
