import assert from 'node:assert/strict'
import type { ServiceError } from '@grpc/grpc-js'
import fc from 'fast-check'
import { sql } from 'kysely'
import { stockPermit } from '../../../activities/stock-permit.ts'
import { failure } from '../../../contracts/failures.ts'
import { parseOrderSn } from '../../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../../contracts/order-sn.ts'
import type { Database } from '../../../store/database.ts'
import type { OpenIntent } from '../../../store/open-orders.ts'
import { type OrderStore, orderStore } from '../../../store/order-store.ts'
import { errorInfoIn } from '../../services/grpc-call.ts'
import { InventoryClient } from '../../services/inventory-client.ts'
import { connectPatiently, testStore } from '../../support/test-store.ts'
import { safeguardsWithout } from './safeguards.ts'
import { asksFor } from './store.ts'
import { type Message, Parties, type World } from './world.ts'

/**
 * The real store has no void that owes nothing: it is a safeguard's removal. The product has one participant: what a second one adds is held to
 * the store by test/store/owed.test.ts, and to a service by examples/coupon/.
 */
type RealMessage = Exclude<Message, 'voidUnowed' | 'use' | 'giveBack' | 'markGivenBack'>

/** One message of a trace, to one of its orders. */
interface Move {
  sn: number
  message: RealMessage
}

const EVERY: readonly RealMessage[] = ['open', 'sell', 'confirm', 'void', 'voidBySweep', 'reback', 'markReturned']
const OF_THE_STORE: readonly RealMessage[] = ['open', 'confirm', 'void', 'voidBySweep']
const WHY = failure('OrderTimedOut', 'for a test')
/** Goods of which the reference inventory has plenty at its first start, and goods of which it has none. */
const PLENTY = 180
const SOLD_OUT = 191

describe('the model and the real parts', () => {
  let db: Database
  let orders: OrderStore
  let inventory: InventoryClient
  let users = 0

  before(async () => {
    const { owner: url } = await testStore()
    db = connectPatiently(url)
    orders = orderStore(db)
    inventory = await InventoryClient.start(url)
  })
  after(async () => {
    await inventory.stop()
    await db.destroy()
  })

  it('agree on every sequence of four messages to one order', async () => {
    await replay(sequences(EVERY, 1, 4), { stock: 1 })
  })

  it('agree on every sequence of three messages to an order of goods that are sold out', async () => {
    await replay(sequences(EVERY, 1, 3), { stock: 0 })
  })

  it('agree on every sequence of four messages to two orders of one user', async () => {
    await replay(sequences(OF_THE_STORE, 2, 4), { stock: 2 })
  })

  it('agree on long sequences to two orders of one user', async () => {
    const move = fc.record({ sn: fc.nat(1), message: fc.constantFrom(...EVERY) })
    const traces = fc.sample(fc.array(move, { minLength: 12, maxLength: 12 }), { seed: 4, numRuns: 500 })
    await replay(traces, { stock: 2 })
  })

  /** Plays all traces at once, each in the model and for real, and compares after every message. */
  async function replay(traces: readonly (readonly Move[])[], { stock }: { stock: number }) {
    const size = Math.max(...traces.flat().map(({ sn }) => sn)) + 1
    const safeguards = safeguardsWithout()
    const numbered = Array.from({ length: size }, (_, request) => ({ user: 1, request }))
    const parties = new Parties({ orders: numbered, stock, runs: [], operator: [], safeguards })
    const plays = traces.map((trace, i) => ({
      trace,
      world: parties.initial(),
      intents: intentsOf(size),
      goodsId: stock === 0 ? SOLD_OUT : 1 + (i % PLENTY),
    }))
    const stockBefore = await stocks()

    for (let at = 0; plays.some(({ trace }) => at < trace.length); at++) {
      for (const message of EVERY) {
        const told = plays.flatMap((play) => {
          const move = play.trace[at]
          // Nobody confirms what was never opened: the store takes it for a row deleted by hand, and throws.
          if (move?.message !== message || (message === 'confirm' && !play.world.store[move.sn])) return []
          const reply = parties.deliver(play.world, move.sn, message)
          play.world = reply.world
          return [{ play, reply, goodsId: play.goodsId, intent: play.intents[move.sn] as OpenIntent }]
        })
        const answers = await deliver(message, told)
        for (const [i, { play, reply }] of told.entries()) {
          const { row, inserted, refused } = reply
          const expected = {
            ...(row && message !== 'markReturned' && { status: row.status, stockState: row.stockState }),
            ...(message === 'open' && { inserted }),
            ...(message === 'sell' && { refused }),
          }
          assert.deepEqual(answers[i], expected, `answer ${at + 1} of ${tell(play.trace)}`)
        }
      }
      await compare(plays, at)
    }

    const sold = new Map<number, number>()
    for (const { world, goodsId } of plays) sold.set(goodsId, (sold.get(goodsId) ?? 0) + stock - world.inventory.stock)
    for (const [goodsId, num] of await stocks()) assert.equal(num, (stockBefore.get(goodsId) ?? 0) - (sold.get(goodsId) ?? 0))
  }

  async function compare(plays: readonly { trace: readonly Move[]; world: World; intents: readonly OpenIntent[] }[], at: number) {
    const rows = await db.selectFrom('orders').select(['order_sn', 'status', 'stock_state']).execute()
    const bySn = new Map(rows.map((row) => [row.order_sn, row]))
    const sales = await sql<{ order_sn: string; state: string }>`select order_sn, state from inventory.sales`.execute(db)
    const ledger = new Map(sales.rows.map(({ order_sn, state }) => [order_sn, state]))
    const claims = await orders.stockClaims([...bySn.keys()])
    const asks = (effect: 'Sell' | 'Reback', { orderSn, lines = [] }: OpenIntent) => {
      try {
        return stockPermit(effect, { orderSn: parseOrderSn(orderSn), lines }, claims.get(orderSn), true) === 'send'
      } catch {
        return false
      }
    }
    for (const { trace, world, intents } of plays) {
      const real = intents.map((intent) => {
        const row = bySn.get(intent.orderSn)
        return {
          row: row && judgement(row.status, row.stock_state),
          sale: ledger.get(intent.orderSn),
          sells: asks('Sell', intent),
          rebacks: asks('Reback', intent),
        }
      })
      const expected = world.store.map((row, sn) => ({
        row,
        sale: world.inventory.ledger[sn],
        sells: asksFor('sell', row),
        rebacks: asksFor('reback', row),
      }))
      assert.deepEqual(real, expected, `after ${at + 1} of ${tell(trace)}`)
    }
  }

  /** The real parties' answers; of the store those of one statement for all. */
  async function deliver(message: RealMessage, told: readonly { intent: OpenIntent; goodsId: number }[]): Promise<object[]> {
    if (told.length === 0) return []
    const intents = told.map(({ intent }) => intent)
    const numbers = intents.map(({ orderSn }) => orderSn)
    switch (message) {
      case 'open':
        return (await orders.openOrders(intents)).map(({ order, inserted }) => ({
          ...judgement(order.status, order.stockState),
          inserted,
        }))
      case 'confirm': {
        const price = { amount: 199, currency: 'CNY' }
        const lines = [{ goodsId: 1, name: 'goods 1', image: '/1.png', price, num: 1 }]
        const confirmed = await orders.confirmOrders(numbers.map((orderSn) => ({ orderSn, total: 199, lines })))
        return confirmed.map(({ status, stockState }) => judgement(status, stockState))
      }
      case 'void':
      case 'voidBySweep': {
        const voided = await orders.voidOrders(
          intents.map((intent) => ({
            orderSn: intent.orderSn,
            refusal: WHY,
            ...(message !== 'voidBySweep' && { request: intent }),
          })),
        )
        return voided.map(({ order }) => (order ? judgement(order.status, order.stockState) : {}))
      }
      case 'markReturned':
        await orders.markReturned(numbers)
        return told.map(() => ({}))
      case 'reback':
        return await inTurns(told, async ({ intent, goodsId }) => {
          await inventory.reback(intent.orderSn, [[goodsId, 1]])
          return {}
        })
      case 'sell':
        return await inTurns(told, async ({ intent, goodsId }) =>
          inventory.sell(intent.orderSn, [[goodsId, 1]]).then(
            () => ({ refused: false }),
            (error: ServiceError) => {
              assert.match(errorInfoIn(error)?.reason ?? error.message, /^(SALE_RETURNED|INSUFFICIENT_STOCK)$/)
              return { refused: true }
            },
          ),
        )
    }
  }

  async function stocks(): Promise<Map<number, number>> {
    const { rows } = await sql<{ goods_id: number; num: number }>`select goods_id, num from inventory.stocks`.execute(db)
    return new Map(rows.map(({ goods_id, num }) => [goods_id, num]))
  }

  /** Requests of one user of their own. */
  function intentsOf(size: number): OpenIntent[] {
    const userId = ++users
    return Array.from({ length: size }, (_, i) => {
      const lines = [{ goodsId: 1, num: 1 }]
      const request = { userId, requestId: `request ${i}`, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines }
      return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }
    })
  }
})

function judgement(status: string, stockState: string) {
  return { status: status === 'TRADE_CLOSED' ? 'CLOSED' : status, stockState }
}

function sequences(messages: readonly RealMessage[], size: number, length: number): Move[][] {
  if (length === 0) return [[]]
  const moves = Array.from({ length: size }, (_, sn) => messages.map((message) => ({ sn, message }))).flat()
  return sequences(messages, size, length - 1).flatMap((before) => moves.map((move) => [...before, move]))
}

function tell(trace: readonly Move[]): string {
  return trace.map(({ sn, message }) => `${message} ${sn + 1}`).join(', ')
}

/** All, 16 at a time. */
async function inTurns<T>(all: readonly T[], call: (one: T) => Promise<object>): Promise<object[]> {
  const results: object[] = []
  for (let i = 0; i < all.length; i += 16) results.push(...(await Promise.all(all.slice(i, i + 16).map(call))))
  return results
}
