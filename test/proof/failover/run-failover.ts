import assert from 'node:assert/strict'
import type { Client } from '@temporalio/client'
import type { Database } from '../../../store/database.ts'
import { isFinal } from '../../e2e/faults/place.ts'
import { until } from '../../e2e/faults/until.ts'
import { type Books, readBooks, readStock } from '../chaos/books.ts'
import { judgeAnswers, judgeBooks, type Violation } from '../chaos/judge.ts'
import { type Bought, Buyers } from './buyers.ts'
import { untilSettled } from './until-settled.ts'

const PROGRESS_EVERY_MS = 5_000

/** The parts that are under load, and what strikes them. */
export interface Struck {
  httpUrl: string
  inventoryAddress: string
  client: Client
  db: Database
  /** Comes back with the Date.now() of the blow, and that of the moment from which its other server serves. */
  strike(): Promise<{ struckAt: number; servesAt: number }>
  /** Settles by hand what is not settled by itself, before everybody asks again. @returns orders that were, by their numbers */
  mend?(books: Books, asked: readonly Bought[]): Promise<ReadonlySet<string>>
}

export interface FailoverReport {
  orders: number
  /** First answers, by their kind. */
  created: number
  /** Milliseconds from the blow until the other server served, until the first 201, and until the first 201 for an order sent after it. */
  servesAfter: number
  firstAnswerAfter: number
  firstOrderAfter: number
  /** The longest time for which a buyer waited for a final answer. Milliseconds. */
  longestWait: number
  /** Orders that were settled by hand. */
  mended: number
  violations: readonly Violation[]
}

/** Orders at a steady rate, one blow in their midst, and whether every promise was kept. */
export async function runFailover(
  struck: Struck,
  { seed, orders, perSecond, log }: { seed: number; orders: number; perSecond: number; log: (line: string) => void },
): Promise<FailoverReport> {
  const shop = { db: struck.db, inventoryAddress: struck.inventoryAddress, keyed: true }
  const initial = await readStock(shop)
  const buyers = new Buyers(struck.httpUrl, seed)
  const progress = setInterval(
    () => log(`${buyers.asked.length} orders sent, ${buyers.open} wait for an answer`),
    PROGRESS_EVERY_MS,
  )
  try {
    let blow: ReturnType<Struck['strike']> | undefined
    await buyers.order(orders, perSecond, (sent) => {
      if (sent === Math.ceil(orders / 3)) blow = struck.strike()
    })
    const { struckAt, servesAt } = await (blow ?? assert.fail('there are no orders'))
    await until('everybody has an answer', () => assert.equal(buyers.open, 0, `${buyers.open} wait`))
    const mended = (await struck.mend?.(await readBooks(shop), buyers.asked)) ?? new Set<string>()
    await untilSettled(struck)
    const violations = judgeBooks(await readBooks(shop), initial)
    log('settled: everybody asks once more')
    const finals = buyers.asked.map(({ sentAt, finalAt = Number.NaN, told }) => ({ sentAt, finalAt, last: told.at(-1) }))
    await buyers.askAgain()
    await untilSettled(struck)
    const books = await readBooks(shop)
    const asked = buyers.asked.map((one) => (mended.has(one.orderSn) ? withoutDeadline(one) : one))
    violations.push(...judgeBooks(books, initial), ...judgeAnswers(asked, books))
    const created = finals.filter(({ last, finalAt }) => last?.kind === 'created' && finalAt > struckAt)
    const first = (of: typeof created) => Math.min(...of.map(({ finalAt }) => finalAt)) - servesAt + (servesAt - struckAt)
    return {
      orders,
      created: finals.filter(({ last }) => last?.kind === 'created').length,
      servesAfter: servesAt - struckAt,
      firstAnswerAfter: first(created.filter(({ finalAt }) => finalAt > servesAt)),
      firstOrderAfter: first(created.filter(({ sentAt }) => sentAt > struckAt)),
      longestWait: Math.max(...finals.map(({ sentAt, finalAt }) => finalAt - sentAt)),
      mended: mended.size,
      violations: [...new Map(violations.map((one) => [one.what, one])).values()],
    }
  } finally {
    clearInterval(progress)
    buyers.leave()
  }
}

/** An order that an operator confirmed again has a new time to pay: everything else of its answers has to be the same. */
function withoutDeadline(one: Bought): Bought {
  const told = one.told.map((answer) =>
    answer.kind === 'created' && isFinal(answer) ? { ...answer, order: { ...answer.order, payDeadline: '' } } : answer,
  )
  return { ...one, told }
}
