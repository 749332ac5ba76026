import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal } from '../../e2e/faults/place.ts'
import { until } from '../../e2e/faults/until.ts'
import { readBooks, readStock } from '../chaos/books.ts'
import { judgeAnswers, judgeBooks, type Violation } from '../chaos/judge.ts'
import { Buyers } from '../failover/buyers.ts'
import { untilSettled } from '../failover/until-settled.ts'
import type { Build } from './build-of.ts'
import { RolloutShop } from './rollout-shop.ts'

/** Orders between two steps of a rollout: the builds are beside each other for as long as it takes to place them. */
const ORDERS_BETWEEN = 10
const PROGRESS_EVERY_MS = 5_000

export interface RolloutOptions {
  old: Build
  next: Build
  /** True: then the old build is rolled out again, on the schema of the new one. */
  back: boolean
  seed: number
  perSecond: number
  /** Emptied first. */
  dataDir: string
  log: (line: string) => void
}

export interface RolloutReport {
  orders: number
  /** Orders that were created, and those that were refused. */
  created: number
  refused: number
  /** Requests to which there was no answer, since the connection broke. */
  lost: number
  violations: readonly Violation[]
  /** Programs that left otherwise than in order. */
  leftWrongly: readonly string[]
}

/**
 * Orders at a steady rate, while the new build takes over from the old one: first its migration, then each worker and starter by itself. In the end everybody
 * asks once more with the same key, and every promise is held against what store, inventory and Temporal hold.
 */
export async function runRollout({ old, next, back, seed, perSecond, dataDir, log }: RolloutOptions): Promise<RolloutReport> {
  const shop = await RolloutShop.open(dataDir, log)
  const buyers = new Buyers(shop.httpUrl, seed)
  let progress: NodeJS.Timeout | undefined
  try {
    await shop.migrate(old)
    const leftWrongly = await shop.rollOut(old, async () => {})
    progress = setInterval(() => log(`${buyers.asked.length} orders sent, ${buyers.open} wait`), PROGRESS_EVERY_MS)
    const world = { db: shop.db, inventoryAddress: shop.inventoryAddress, keyed: true }
    const initial = await readStock(world)
    const placed = () => buyers.asked.length
    const further = async (orders: number) => {
      const from = placed()
      while (placed() < from + orders) await sleep(50)
    }
    const isOver = new AbortController()
    const ordering = buyers.order(Number.POSITIVE_INFINITY, perSecond, () => {}, isOver.signal)
    await further(ORDERS_BETWEEN)
    await shop.migrate(next)
    await further(ORDERS_BETWEEN)
    for (const build of back ? [next, old] : [next])
      leftWrongly.push(...(await shop.rollOut(build, () => further(ORDERS_BETWEEN))))
    await further(ORDERS_BETWEEN)
    isOver.abort()
    await ordering
    await until('everybody has an answer', () => assert.equal(buyers.open, 0, `${buyers.open} wait`))
    await untilSettled(shop)
    const violations = judgeBooks(await readBooks(world), initial)
    log('settled: everybody asks once more')
    await everybodyAgain(buyers)
    await untilSettled(shop)
    const books = await readBooks(world)
    violations.push(...judgeBooks(books, initial), ...judgeAnswers(buyers.asked, books))
    const finals = buyers.asked.map(({ told }) => told.find(isFinal)?.kind)
    return {
      orders: placed(),
      created: finals.filter((kind) => kind === 'created').length,
      refused: finals.filter((kind) => kind === 'refused').length,
      lost: buyers.asked.flatMap(({ told }) => told).filter(({ kind }) => kind === 'lost' || kind === 'unreached').length,
      violations: [...new Map(violations.map((one) => [one.what, one])).values()],
      leftWrongly,
    }
  } finally {
    clearInterval(progress)
    buyers.leave()
    await shop.close()
  }
}

/** @throws Error if somebody gets no final answer any more */
async function everybodyAgain(buyers: Buyers): Promise<void> {
  let isOver = false
  const asking = buyers.askAgain().then(() => {
    isOver = true
  })
  const finals = () => buyers.asked.reduce((all, { told }) => all + told.filter(isFinal).length, 0)
  await until('everybody has a final answer once more', () => assert.ok(isOver, `${finals()} final answers`))
  await asking
}
