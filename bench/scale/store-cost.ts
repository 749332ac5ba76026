import { orderSnOf } from '../../contracts/order-sn.ts'
import { ensureDatabase } from '../../dev/ensure-database.ts'
import { connectDatabase } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { orderStore } from '../../store/order-store.ts'
import { readCpuTimes } from '../cpu-times.ts'
import { orderBody } from '../order-body.ts'
import type { Parts } from '../parts.ts'

/** Orders of a batch, as the lane sends them under load. */
const BATCH = 100
/** Batches under way at the same time: each waits for its commit, and PostgreSQL has work meanwhile. */
const LANES = 4
const PRICE = { amount: 300, currency: 'CNY' }

/** Cost of creating orders to PostgreSQL alone. */
export interface StoreCost {
  orders: number
  ordersPerSecond: number
  /** Processor time of PostgreSQL, in milliseconds; NaN if the machine has no /proc. */
  cpuMsPerOrder: number
}

/** Replays the statements of the express lane (keys looked up, batch opened, batch confirmed) with nothing else under way. */
export async function storeCost(parts: Parts, seconds: number, linesPerOrder: number): Promise<StoreCost> {
  const url = parts.databaseUrl('bench_statements')
  await ensureDatabase(url)
  const db = connectDatabase(url, { max: LANES })
  try {
    await migrate(db)
    const store = orderStore(db)
    let orders = 0
    const batch = () => Array.from({ length: BATCH }, () => intent(linesPerOrder))
    const create = async () => {
      const intents = batch()
      orders += intents.length
      await store.recordedOrders(intents.map(({ orderSn }) => orderSn))
      await store.openOrders(intents)
      await store.confirmOrders(
        intents.map(({ orderSn, lines }) => ({ orderSn, total: 300 * lines.length, lines: lines.map(priced), keyed: true })),
      )
    }
    await create()
    orders = 0
    const before = readCpuTimes({ postgres: parts.pids.postgres ?? [] })
    const begin = performance.now()
    const until = begin + seconds * 1_000
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        while (performance.now() < until) await create()
      }),
    )
    const took = (performance.now() - begin) / 1_000
    const after = readCpuTimes({ postgres: parts.pids.postgres ?? [] })
    const spent = (after?.byName.postgres ?? Number.NaN) - (before?.byName.postgres ?? Number.NaN)
    return { orders, ordersPerSecond: orders / took, cpuMsPerOrder: spent / orders }
  } finally {
    await db.destroy()
  }
}

let users = 0

function intent(count: number) {
  const userId = ++users
  const { lines = [], ...order } = orderBody(userId, { lines: count, soldOut: false, choice: 'apart' })
  const request = { ...order, lines, requestId: `statements-${userId}`, post: '' }
  return {
    ...request,
    orderSn: orderSnOf(request),
    fingerprint: 'f'.repeat(64),
    workflowId: 'create-orders/statements',
    keyed: true,
  }
}

function priced({ goodsId, num }: { goodsId: number; num: number }) {
  return { goodsId, num, name: `Goods ${goodsId}`, image: '', price: PRICE }
}
