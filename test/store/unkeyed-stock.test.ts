import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import type { OrderStatus, StockState } from '../../contracts/order.ts'
import { readAudit } from '../../store/audit.ts'
import type { Database } from '../../store/database.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { resolveInDoubt } from '../../store/resolve-in-doubt.ts'
import { isSettled } from '../../store/stored-order.ts'
import type { StockEffect } from '../../store/unkeyed-stock.ts'
import { recordAnswer } from '../support/record-answer.ts'
import { connectTestStore } from '../support/test-store.ts'

const WHY = failure('OrderTimedOut', 'for a test')
const LINES = [
  { goodsId: 3, num: 2 },
  { goodsId: 7, num: 1 },
]

describe('an order whose inventory has no keys', () => {
  let db: Database
  let orders: OrderStore
  let users = 0

  before(async () => {
    db = await connectTestStore({ max: 30 })
    orders = orderStore(db)
  })
  after(() => db.destroy())

  it('has sold nothing when it is opened, and owes nothing when it is closed', async () => {
    const orderSn = await opened()
    assert.deepEqual(await stateOf(orderSn), ['CREATING', 'none'])
    assert.ok(!isSettled((await orders.getOrder(orderSn)) ?? assert.fail()))
    assert.equal((await closed(orderSn)).outcome, 'CLOSED_NOW')
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'none'])
    assert.equal((await orders.markSent(orderSn, 'Sell')).kind, 'closed')
  })

  it('owes nothing either if it is closed before it is opened', async () => {
    const intent = asked()
    await orders.voidOrders([{ orderSn: intent.orderSn, refusal: WHY, request: intent, keyed: false }])
    assert.deepEqual(await stateOf(intent.orderSn), ['TRADE_CLOSED', 'none'])
  })

  it('lets one of many rivals send its Sell, and nobody else before the answer is recorded', async () => {
    const orderSn = await opened()
    const permits = await Promise.all(Array.from({ length: 20 }, () => orders.markSent(orderSn, 'Sell')))
    assert.deepEqual(
      permits.map(({ kind }) => kind).filter((kind) => kind !== 'unanswered'),
      ['send'],
    )
    assert.equal(await recordAnswer(orders, orderSn, 'Sell', false), true)
    assert.equal((await orders.markSent(orderSn, 'Sell')).kind, 'send')
    assert.equal(await recordAnswer(orders, orderSn, 'Sell', true), true)
    assert.equal((await orders.markSent(orderSn, 'Sell')).kind, 'done')
    assert.deepEqual(await stateOf(orderSn), ['CREATING', 'sold'])
  })

  for (const effect of ['Sell', 'Reback'] as const) {
    it(`is asked for once more if the mark that its ${effect} met is taken away before it is looked at`, async () => {
      const orderSn = effect === 'Sell' ? await opened() : await sold()
      if (effect === 'Reback') await closed(orderSn)
      assert.equal((await orders.markSent(orderSn, effect)).kind, 'send')
      let statements = 0
      const rival = db.withPlugin({
        transformQuery: ({ node }) => node,
        // Behind the statement that marks nothing, and before the one that asks why.
        async transformResult({ result }) {
          if (statements++ === 0) assert.equal(await recordAnswer(orders, orderSn, effect, false), true)
          return result
        },
      })
      assert.equal((await orderStore(rival).markSent(orderSn, effect)).kind, 'send')
      assert.equal((await orders.markSent(orderSn, effect)).kind, 'unanswered')
    })
  }

  it('owes a Reback when it is closed after its Sell was answered', async () => {
    const orderSn = await sold()
    await closed(orderSn)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returning'])
    assert.equal((await orders.markSent(orderSn, 'Reback')).kind, 'send')
    assert.equal((await orders.markSent(orderSn, 'Reback')).kind, 'unanswered')
    await recordAnswer(orders, orderSn, 'Reback', false)
    assert.equal((await orders.markSent(orderSn, 'Reback')).kind, 'send')
    await recordAnswer(orders, orderSn, 'Reback', true)
    assert.equal((await orders.markSent(orderSn, 'Reback')).kind, 'done')
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returned'])
  })

  it('is in doubt when it is closed while its Sell has no answer: user free, goods named, trail written, no Reback owed', async () => {
    const intent = asked()
    await orders.openOrders([intent])
    await orders.markSent(intent.orderSn, 'Sell')
    assert.equal((await closed(intent.orderSn)).outcome, 'DOUBTED_NOW')
    assert.equal((await closed(intent.orderSn)).outcome, 'IN_DOUBT')
    const order = await orders.getOrder(intent.orderSn)
    assert.deepEqual([order?.status, order?.stockState, order?.inDoubt], ['IN_DOUBT', 'in_doubt', LINES])
    assert.ok(order && !isSettled(order))
    assert.deepEqual(
      (await readAudit(db, intent.orderSn)).map(({ verb, before, after }) => [verb, before, after]),
      [['doubt', { status: 'CREATING', stockState: 'selling' }, { status: 'IN_DOUBT', stockState: 'in_doubt' }]],
    )
    assert.equal(
      (await orders.findUnsettled(0, 1_000)).find(({ orderSn }) => orderSn === intent.orderSn),
      undefined,
    )
    const next = { ...intent, orderSn: `${intent.orderSn}B`, requestId: 'next' }
    assert.equal((await orders.openOrders([next]))[0]?.inserted, true)
    assert.equal((await orders.markSent(next.orderSn, 'Sell')).kind, 'send')
  })

  it('is in doubt when its Reback has no answer, and only then', async () => {
    const orderSn = await sold()
    await closed(orderSn)
    await orders.doubtReback(orderSn)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returning'])
    await orders.markSent(orderSn, 'Reback')
    await orders.doubtReback(orderSn)
    await orders.doubtReback(orderSn)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'in_doubt'])
    assert.equal((await readAudit(db, orderSn)).length, 1)
    assert.equal((await orders.markSent(orderSn, 'Reback')).kind, 'unanswered')
  })

  it('takes an answer, and a doubt, for those of the call that it is about, and for no later one', async () => {
    const orderSn = await sold()
    await closed(orderSn)
    const first = await orders.markSent(orderSn, 'Reback')
    assert.ok('mark' in first)
    await orders.doubtReback(orderSn, first.mark)
    await resolveInDoubt(db, { orderSn, verdict: 'sold', by: 'Olga', why: 'counted' })
    const second = await orders.markSent(orderSn, 'Reback')
    assert.equal(second.kind, 'send')
    assert.equal(await recordAnswer(orders, orderSn, 'Reback', false, first.mark), false)
    assert.equal((await orders.markSent(orderSn, 'Reback')).kind, 'unanswered', 'the second call is still on its way')
    await orders.doubtReback(orderSn, first.mark)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returning'])
    assert.ok('mark' in second)
    assert.equal(await recordAnswer(orders, orderSn, 'Reback', true, second.mark), true)
    assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returned'])
  })

  it('is marked with many others by one statement, once among rivals who name them in another order', async () => {
    const orderSns = await Promise.all(Array.from({ length: 20 }, () => opened()))
    const rivals = [orderSns, orderSns.toReversed(), orderSns, orderSns.toReversed()]
    const all = await Promise.all(rivals.map((asked) => orders.markAllSent([...asked, 'NOBODY'], 'Sell')))
    for (const orderSn of orderSns) {
      const kinds = all.map((permits) => permits.get(orderSn)?.kind)
      assert.deepEqual(kinds.toSorted(), ['send', 'unanswered', 'unanswered', 'unanswered'])
    }
    for (const permits of all) assert.equal(permits.get('NOBODY')?.kind, 'closed')
  })

  it('is sent by the caller alone that marked it, which asks again with its token and gets the mark that it set', async () => {
    const [marked, others] = [await opened(), await opened()]
    const by = ['mine', 'mine', 'theirs']
    const first = await orders.markAllSent([marked], 'Sell', 'mine')
    const permits = await Promise.all(by.map((token) => orders.markAllSent([marked], 'Sell', token)))
    assert.deepEqual(
      permits.map((all) => all.get(marked)?.kind),
      ['send', 'send', 'unanswered'],
    )
    assert.deepEqual([permits[0], permits[1]], [first, first])
    // At once: the late statement of a caller, and its repeat.
    const same = await Promise.all(Array.from({ length: 20 }, () => orders.markSent(others, 'Sell', 'mine')))
    assert.deepEqual(new Set(same.map((permit) => JSON.stringify(permit))).size, 1, JSON.stringify(same))
    assert.equal((await orders.markSent(others, 'Sell')).kind, 'unanswered')
    await recordAnswer(orders, others, 'Sell', true)
    assert.equal((await orders.markSent(others, 'Sell', 'mine')).kind, 'done')
    await closed(others)
    assert.equal((await orders.markSent(others, 'Reback', 'mine')).kind, 'send')
    assert.equal((await orders.markSent(others, 'Reback', 'theirs')).kind, 'unanswered')
    assert.equal((await orders.markSent(others, 'Reback', 'mine')).kind, 'send')
    await closed(marked)
    assert.equal((await orders.markSent(marked, 'Sell', 'mine')).kind, 'unanswered', 'it is in doubt, by whomever it was marked')
  })

  it('is recorded with many others by one statement, each by the mark of its own call', async () => {
    const orderSns = await Promise.all([1, 2, 3, 4].map(() => opened()))
    const [applied, not, other, closed] = orderSns as [string, string, string, string]
    const permits = await orders.markAllSent(orderSns, 'Sell')
    const markOf = (orderSn: string) => {
      const permit = permits.get(orderSn)
      assert.ok(permit?.kind === 'send')
      return permit.mark
    }
    await orders.voidOrders([{ orderSn: closed, refusal: WHY }])
    const answers = orderSns.map((orderSn) => ({ orderSn, mark: markOf(orderSn), wasApplied: orderSn !== not }))
    answers[2] = { orderSn: other, mark: '2020-01-01 00:00:00.000001+00', wasApplied: true }
    assert.deepEqual(await orders.recordAnswers('Sell', answers), new Set([applied, not]))
    assert.deepEqual(await Promise.all(orderSns.map(stateOf)), [
      ['CREATING', 'sold'],
      ['CREATING', 'none'],
      ['CREATING', 'selling'],
      ['IN_DOUBT', 'in_doubt'],
    ])
    assert.equal((await readAudit(db, closed)).at(-1)?.why, 'Sell was answered late: it was applied')
    // Whoever did not hear of it asks again: what the row says already is recorded, and nothing of it a late answer.
    const trail = (await readAudit(db, applied)).length
    assert.deepEqual(await orders.recordAnswers('Sell', answers.slice(0, 2), true), new Set([applied, not]))
    assert.equal((await readAudit(db, applied)).length, trail)
  })

  it('is left as it is by who closes it for as long as its Sell may be answered, and in doubt afterwards', async () => {
    const orderSn = await opened()
    const waiting = { orderSn, refusal: WHY, underWayMs: 60_000 }
    await orders.markSent(orderSn, 'Sell')
    assert.equal((await orders.voidOrders([waiting]))[0]?.outcome, 'UNDER_WAY')
    assert.deepEqual(await stateOf(orderSn), ['CREATING', 'selling'])
    await sql`update orders set sent_at = now() - interval '61 seconds' where order_sn = ${orderSn}`.execute(db)
    assert.equal((await orders.voidOrders([waiting]))[0]?.outcome, 'DOUBTED_NOW')
    const unsent = await opened()
    assert.equal((await orders.voidOrders([{ ...waiting, orderSn: unsent }]))[0]?.outcome, 'CLOSED_NOW')
  })

  it('keeps a late answer in its trail, and stays in doubt', async () => {
    const orderSn = await inDoubt('Sell')
    assert.equal(await recordAnswer(orders, orderSn, 'Sell', true), false)
    assert.deepEqual(await stateOf(orderSn), ['IN_DOUBT', 'in_doubt'])
    const [, late] = await readAudit(db, orderSn)
    assert.equal(late?.why, 'Sell was answered late: it was applied')
  })

  it('keeps a late answer in its trail if an operator has settled it, and stays as that one found it', async () => {
    for (const wasApplied of [true, false]) {
      const orderSn = await inDoubt('Reback')
      await resolveInDoubt(db, { orderSn, verdict: 'sold', by: 'Olga', why: 'counted' })
      assert.equal(await recordAnswer(orders, orderSn, 'Reback', wasApplied), false)
      assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', 'returning'])
      assert.equal(
        (await readAudit(db, orderSn)).at(-1)?.why,
        `Reback was answered late: it was ${wasApplied ? '' : 'not '}applied`,
      )
    }
  })

  const verdicts = [
    ['Sell', 'sold', 'returning'],
    ['Sell', 'notSold', 'none'],
    ['Reback', 'sold', 'returning'],
    ['Reback', 'notSold', 'returned'],
  ] as const
  for (const [effect, verdict, stockState] of verdicts) {
    it(`in doubt about its ${effect} is closed and ${stockState} by the verdict ${verdict}, once, with a name to it`, async () => {
      const orderSn = await inDoubt(effect)
      const before = { status: effect === 'Sell' ? 'IN_DOUBT' : 'TRADE_CLOSED', stockState: 'in_doubt' }
      const after = { status: 'TRADE_CLOSED', stockState }
      const verdictOf = { orderSn, verdict, by: 'Olga', why: 'counted' }
      const settled = await Promise.all(Array.from({ length: 5 }, () => resolveInDoubt(db, verdictOf)))
      assert.deepEqual(
        settled.filter((one) => one),
        [{ before, after }],
      )
      assert.deepEqual(await stateOf(orderSn), ['TRADE_CLOSED', stockState])
      const last = (await readAudit(db, orderSn)).at(-1)
      assert.deepEqual(
        [last?.verb, last?.by, last?.why, last?.before, last?.after],
        ['resolve', 'Olga', `${verdict}: counted`, before, after],
      )
      if (stockState === 'returning') assert.equal((await orders.markSent(orderSn, 'Reback')).kind, 'send')
    })
  }

  it('is not resolved if it is not in doubt, and nothing is written then', async () => {
    const orderSn = await sold()
    assert.equal(await resolveInDoubt(db, { orderSn, verdict: 'sold', by: 'Olga', why: 'x' }), undefined)
    assert.equal(await resolveInDoubt(db, { orderSn: 'NOBODY', verdict: 'sold', by: 'Olga', why: 'x' }), undefined)
    assert.deepEqual(await readAudit(db, orderSn), [])
  })

  it('is never sent for if the order was opened with a key', async () => {
    const { keyed: _, ...intent } = asked()
    await orders.openOrders([intent])
    assert.equal((await orders.markSent(intent.orderSn, 'Sell')).kind, 'closed')
    await closed(intent.orderSn)
    assert.equal((await orders.markSent(intent.orderSn, 'Reback')).kind, 'closed')
    assert.deepEqual(await stateOf(intent.orderSn), ['TRADE_CLOSED', 'returning'])
  })

  function asked() {
    const userId = ++users
    const address = { address: '1 Test Street', name: 'Somebody', mobile: '0100' }
    const keys = { orderSn: `UNKEYED${userId}`, requestId: 'r', fingerprint: `f${userId}`, workflowId: 'w', keyed: false }
    return { userId, ...keys, ...address, lines: LINES }
  }

  async function opened(): Promise<string> {
    const intent = asked()
    await orders.openOrders([intent])
    return intent.orderSn
  }

  async function sold(): Promise<string> {
    const orderSn = await opened()
    await orders.markSent(orderSn, 'Sell')
    await recordAnswer(orders, orderSn, 'Sell', true)
    return orderSn
  }

  async function inDoubt(effect: StockEffect): Promise<string> {
    const orderSn = effect === 'Sell' ? await opened() : await sold()
    if (effect === 'Reback') await closed(orderSn)
    await orders.markSent(orderSn, effect)
    if (effect === 'Sell') await closed(orderSn)
    else await orders.doubtReback(orderSn)
    return orderSn
  }

  async function closed(orderSn: string) {
    const [voided] = await orders.voidOrders([{ orderSn, refusal: WHY }])
    assert.ok(voided)
    return voided
  }

  async function stateOf(orderSn: string): Promise<[OrderStatus | undefined, StockState | undefined]> {
    const order = await orders.getOrder(orderSn)
    return [order?.status, order?.stockState]
  }
})
