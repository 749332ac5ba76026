import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal } from '../../e2e/faults/place.ts'
import type { Asked } from './asked.ts'
import { type Books, readBooks, readStock, setStock } from './books.ts'
import { ChaosShop } from './chaos-shop.ts'
import { Customers } from './customers.ts'
import { describeFault, type FaultEvent } from './fault-event.ts'
import { calm, inflict } from './inflict.ts'
import { judgeAnswers, judgeBooks, type Violation } from './judge.ts'
import { judgeLives } from './judge-lives.ts'
import { HOT_GOODS, plannedOrder } from './planned-order.ts'
import { type Operator, settleDoubts } from './settle-doubts.ts'
import { untilQuiet } from './until-quiet.ts'

/** Least time between two orders that are due. Milliseconds. */
const TICK_MS = 10
const PROGRESS_EVERY_MS = 5_000
/** A machine that is too slow for the orders takes so much longer at most; those left are not sent then. */
const LATE_AT_MOST = 1.5
/**
 * Time without any answer or any run's end after which nothing more is expected: breakers, back-offs and the sweep take
 * seconds.
 */
const STILL_MS = 180_000
/** Customers who ask once more at the same time, when all is calm. */
const ASKING = 24
/** Share of these orders: one in so many asks at the starter of the lane, the others at the other one. */
const BY_LANE = 10

export interface ChaosOptions {
  seed: number
  /** Over how many seconds the orders are sent; half as long again if the machine is too slow. */
  seconds: number
  orders: number
  faults: readonly FaultEvent[]
  /** False for an inventory without keys. @default true */
  keyed?: boolean
  /** Emptied first. */
  dataDir: string
  log: (line: string) => void
}

/** A fault as it really came. Milliseconds since the first order. */
export interface Inflicted {
  event: FaultEvent
  fromMs: number
  toMs: number
  /** Reason why it could not be inflicted. */
  problem?: string
}

export interface ChaosResult {
  seed: number
  orders: number
  /** Seconds from the first order to the last one sent. */
  seconds: number
  /** Time from the end of the faults until everything was settled, before anybody asked once more. Milliseconds. */
  quietAfterMs: number
  /** HTTP requests for orders, repeats and those of the end among them. */
  requests: number
  asked: readonly Asked[]
  inflicted: readonly Inflicted[]
  books: Books
  violations: readonly Violation[]
}

/**
 * One run: a shop of its own, orders of all kinds at a steady rate, faults by the schedule; then quiet, and every promise is held
 * against what the parties hold.
 * @throws Error when the shop does not start, or can't be read in the end
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, dataDir, log, keyed = true } = options
  const shop = await ChaosShop.start(dataDir, log, keyed)
  const killAll = () => shop.killAll()
  process.once('exit', killAll)
  const customers = new Customers(shop)
  let operator: Operator | undefined
  try {
    // Half of what is going to be wanted of it: from then on it is sold out.
    await setStock(shop, HOT_GOODS, Math.ceil(options.orders * 0.14))
    const initial = await readStock(shop)
    const inflicted = await storm(shop, customers, options)
    const seconds = customers.elapsedMs / 1_000
    const calmAt = Date.now()
    operator = settleDoubts(shop)
    log('calm: waiting for the last answers and the end of every run')
    const violations: Violation[] = []
    if (!(await customers.satisfied(STILL_MS))) {
      violations.push({ promise: 'everything comes to an end', what: `${customers.open} customers wait for an answer` })
    }
    violations.push(...(await untilQuiet(shop, STILL_MS)))
    const quietAfterMs = Date.now() - calmAt
    log(`quiet after ${(quietAfterMs / 1_000).toFixed(1)} s: reading the books, and asking for every order once more`)
    violations.push(...judgeBooks(await readBooks(shop), initial, operator.doubted))
    await askForAll(customers)
    violations.push(...(await untilQuiet(shop, STILL_MS)))
    const books = await readBooks(shop)
    violations.push(
      ...judgeBooks(books, initial, operator.doubted),
      ...judgeAnswers(customers.asked, books),
      ...judgeLives(customers.asked, books),
    )
    const { asked, requests } = customers
    if (!keyed) log(`${operator.doubted.length} lines were in doubt`)
    return {
      seed,
      orders: asked.length,
      seconds,
      quietAfterMs,
      requests,
      asked,
      inflicted,
      books,
      violations: distinct(violations),
    }
  } finally {
    await operator?.leave()
    customers.leave()
    await shop.stop()
    process.off('exit', killAll)
  }
}

/** Orders and faults as they come; comes back when all are sent and all faults are over. */
async function storm(shop: ChaosShop, customers: Customers, options: ChaosOptions): Promise<Inflicted[]> {
  const { seed, seconds, orders, faults, log } = options
  const inflicted: Inflicted[] = []
  const underWay = faults.map(async (event) => {
    await sleep(Math.max(0, event.atMs - customers.elapsedMs))
    const fromMs = customers.elapsedMs
    const noted: Inflicted = { event, fromMs, toMs: fromMs }
    inflicted.push(noted)
    await inflict(shop, event).catch((error: Error) => {
      noted.problem = error.message
      log(`${describeFault(event)}: ${error.message}`)
    })
    noted.toMs = customers.elapsedMs
  })
  const progress = setInterval(() => log(progressLine(customers, inflicted)), PROGRESS_EVERY_MS)
  try {
    for (let sent = 0; sent < orders && customers.elapsedMs < seconds * 1_000 * LATE_AT_MOST; await sleep(TICK_MS)) {
      const due = Math.min(orders, Math.ceil((orders * customers.elapsedMs) / (seconds * 1_000)))
      while (sent < due && customers.send(plannedOrder(seed, sent))) sent++
    }
    await Promise.all(underWay)
  } finally {
    clearInterval(progress)
    await calm(shop)
  }
  return inflicted
}

function progressLine({ asked, open, requests, elapsedMs }: Customers, inflicted: readonly Inflicted[]): string {
  const answered = asked.filter(({ answeredAtMs }) => answeredAtMs !== undefined)
  const created = answered.filter(({ told }) => told.some(({ kind }) => kind === 'created')).length
  const last = inflicted.at(-1)
  const time = `${Math.floor(elapsedMs / 60_000)}:${String(Math.floor(elapsedMs / 1_000) % 60).padStart(2, '0')}`
  return (
    `${time}  ${asked.length} orders: ${created} created, ${answered.length - created} refused, ${open} wait; ${requests} requests; ` +
    `${inflicted.length} faults${last ? `, the last: ${describeFault(last.event)}` : ''}`
  )
}

/** Now that nothing goes wrong, everybody hears a final answer, and those who have one must hear the same. */
async function askForAll(customers: Customers): Promise<void> {
  const asked = [...customers.asked]
  let answeredAt = performance.now()
  const goesOn = () => performance.now() - answeredAt < STILL_MS
  let next = 0
  async function askOn(): Promise<void> {
    for (let i = next++; i < asked.length; i = next++) {
      const one = asked[i] as Asked
      const byLane = !one.told.some(isFinal) || i % BY_LANE === 0
      if (await customers.askAgain(one, byLane ? 'lane' : 'single', goesOn)) answeredAt = performance.now()
    }
  }
  await Promise.all(Array.from({ length: ASKING }, askOn))
}

/** The books are judged twice, and what was wrong is wrong still. */
function distinct(violations: readonly Violation[]): Violation[] {
  return [...new Map(violations.map((one) => [`${one.promise} ${one.what}`, one])).values()]
}
