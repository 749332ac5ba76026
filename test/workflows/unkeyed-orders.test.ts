import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import fc from 'fast-check'
import { type CreateOrderResult, createOrderWorkflowId, formerWorkflowId } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import type { Line } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { proposeVerdicts } from '../../reconciliation/propose-verdicts.ts'
import { readBaseline } from '../../reconciliation/stock-balance.ts'
import { STOCK_FAULTS, type StockFault } from '../../services/inventory/stock-faults.ts'
import { readAudit } from '../../store/audit.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import { resolveInDoubt } from '../../store/resolve-in-doubt.ts'
import { ownRun } from '../../temporal/own-run.ts'
import { testTemporal } from '../support/temporal.ts'
import { type Crash, LATE_MS, UnkeyedShop } from '../support/unkeyed-shop.ts'
import { outcome, type Parts, withWorker } from '../support/workflow-runs.ts'

/** More stories, and others, by hand: `RUNS=200 SEED=7 npx mocha test/workflows/unkeyed-orders.test.ts`. */
const RUNS = Number(process.env.RUNS ?? 25)
const SEED = Number(process.env.SEED ?? 20_240_601)
/** No new story begins after that, unless one asked for their number. Milliseconds. */
const BOUND_MS = process.env.RUNS ? Number.POSITIVE_INFINITY : 40_000

const GOODS = [41, 42]
const STOCK = 1_000
const CUSTOMER = { address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }

type Start = Parameters<Parameters<typeof withWorker>[2]>[0]

interface Request {
  userId: number
  requestId: string
  address: string
  name: string
  mobile: string
  lines: Line[]
}

/** One order, and what its run meets from outside. */
interface Plan {
  num: number
  cut: { how: 'cancel' | 'terminate'; afterMs: number } | undefined
}

interface Story {
  plans: Plan[]
  /** Set if the orders share a run of the lane, which the first plan cuts. */
  inLane: boolean
  confirmBreaks: boolean
  faults: (StockFault | undefined)[]
  crashes: (Crash | undefined)[]
}

/** Nothing more often than something: an order that is cut at once meets no fault. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary })
}

const cut = fc.record({ how: fc.constantFrom('cancel' as const, 'terminate' as const), afterMs: fc.nat({ max: 600 }) })

const stories: fc.Arbitrary<Story> = fc.record({
  plans: fc.array(fc.record({ num: fc.integer({ min: 1, max: 5 }), cut: seldom(cut) }), { minLength: 3, maxLength: 5 }),
  inLane: fc.boolean(),
  confirmBreaks: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  faults: fc.array(seldom(fc.constantFrom(...STOCK_FAULTS)), { size: 'max', minLength: 4, maxLength: 10 }),
  crashes: fc.array(seldom(fc.constantFrom<Crash>('before', 'after')), { size: 'max', minLength: 4, maxLength: 16 }),
})

describe('orders whose inventory has no keys', function () {
  if (process.env.RUNS) this.timeout(0)
  let parts: Parts
  let shop: UnkeyedShop
  let users = 0
  let decided = 0

  before(async () => {
    const { address, namespace } = await testTemporal()
    const connection = await NativeConnection.connect({ address })
    parts = { connection, client: new Client({ connection: await Connection.connect({ address }), namespace }), namespace }
    shop = await UnkeyedShop.open()
  })

  beforeEach(async () => {
    await refill()
  })

  after(async () => {
    await shop.stop()
    await parts.client.connection.close()
    await parts.connection.close()
  })

  it('are created if nothing goes wrong, and their equal goods are sold as one line', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      const request = asked(2)
      const twice = { ...request, lines: [...request.lines, ...request.lines] }
      const ended = await outcome<CreateOrderResult>(await start('createOrder', twice))
      assert.equal('result' in ended && ended.result.status, 'PAYING')
      assert.equal(await shop.stock.stock(41), STOCK - 4)
      assert.deepEqual(await stateOf(request), ['PAYING', 'sold'])
    })
  })

  it('are sold once, by one Sell, though a build before and one of now start a run of one order each, by another name', async () => {
    await withWorker(parts, shop.activities(), async (_, taskQueue) => {
      const { calls } = shop
      const request = asked(2)
      const orderSn = orderSnOf(request)
      const ids = [formerWorkflowId(request), createOrderWorkflowId(orderSn)]
      const ends = await Promise.all(
        ids.map(async (workflowId) => {
          const run = { ...ownRun(request, orderSn, taskQueue), workflowId }
          return await outcome<CreateOrderResult>(await parts.client.workflow.start('createOrder', run))
        }),
      )
      assert.deepEqual(
        ends.map((end) => 'result' in end && [end.result.orderSn, end.result.status]),
        ids.map(() => [orderSn, 'PAYING']),
      )
      assert.deepEqual([shop.calls, await shop.stock.stock(41)], [calls + 1, STOCK - 2])
    })
  })

  it('ask for nothing if a quantity is none: neither is a Sell sent nor an order opened', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      const { calls } = shop
      for (const num of [0, -5, 1.5, 10_000]) {
        const request = asked(num)
        const ended = await outcome(await start('createOrder', request))
        assert.equal('refused' in ended && ended.refused?.type, 'InvalidInput', String(num))
        assert.equal(await shop.store.getOrder(orderSnOf(request)), undefined)
      }
      assert.equal(shop.calls, calls)
    })
  })

  const proved: StockFault[] = ['busy', 'conflict', 'notBegun', 'notRead', 'notWritten']
  it('are created by another attempt after answers that prove that nothing was applied', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      shop.faults = [...proved]
      const ended = await outcome<CreateOrderResult>(await start('createOrder', asked(1)))
      assert.equal('result' in ended && ended.result.status, 'PAYING')
      assert.equal(await shop.stock.stock(41), STOCK - 1)
    })
  })

  it('are refused if stock is short, and owe nothing', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      await shop.stock.setStock(42, 1)
      const request = asked(2)
      const ended = await outcome(await start('createOrder', request))
      assert.equal('refused' in ended && ended.refused?.type, 'InsufficientStock')
      assert.deepEqual(await stateOf(request), ['TRADE_CLOSED', 'none'])
      assert.deepEqual([await shop.stock.stock(41), await shop.stock.stock(42)], [STOCK, 1])
    })
  })

  for (const fault of ['commitFailed', 'commitApplied', 'replyDropped', 'replyLost', 'late'] as const) {
    it(`are in doubt after a Sell whose answer proves nothing (${fault}), and no other Sell is ever sent`, async () => {
      await withWorker(parts, shop.activities(), async (start) => {
        shop.faults = [fault]
        const { calls } = shop
        const request = asked(2)
        const ended = await outcome(await start('createOrder', request))
        assert.equal('refused' in ended && ended.refused?.type, 'OrderInDoubt')
        assert.deepEqual('refused' in ended && ended.refused?.details.lines, request.lines)
        assert.deepEqual(await stateOf(request), ['IN_DOUBT', 'in_doubt'])
        await sweep(start)
        const again = await outcome(await start('createOrder', request))
        assert.equal('refused' in again && again.refused?.type, 'OrderInDoubt')
        // Nor does a run claim to have settled it: it is an operator's.
        const settling = await outcome(await start('settleOrder', orderSnOf(request)))
        assert.equal('refused' in settling && settling.refused?.type, 'OrderInDoubt')
        assert.equal(shop.calls, calls + 1)
        await sleep(LATE_MS)
      })
    })
  }

  for (const verdict of ['sold', 'notSold'] as const) {
    it(`are in doubt no longer for their callers, but closed, once an operator has found out that they were ${verdict}`, async () => {
      await withWorker(parts, shop.activities(), async (start) => {
        shop.faults = [verdict === 'sold' ? 'replyLost' : 'replyDropped']
        const request = asked(2)
        const ended = await outcome(await start('createOrder', request))
        assert.equal('refused' in ended && ended.refused?.type, 'OrderInDoubt')
        await sleep(LATE_MS)
        assert.ok(await resolveInDoubt(shop.db, { orderSn: orderSnOf(request), verdict, by: 'an operator', why: 'counted' }))
        await sweep(start)
        const again = await outcome(await start('createOrder', request))
        assert.equal('refused' in again && again.refused?.type, 'OrderClosed')
      })
    })
  }

  it('are closed and in doubt after a Reback whose answer proves nothing, and no other Reback is sent', async () => {
    await withWorker(parts, shop.activities(), async (start) => {
      const { calls } = shop
      shop.faults = [undefined, 'commitApplied']
      const request = asked(2)
      shop.confirmBreaks = true
      const ended = await outcome(await start('createOrder', request))
      assert.equal('refused' in ended && ended.refused?.type, 'OrderInDoubt')
      assert.deepEqual(await stateOf(request), ['TRADE_CLOSED', 'in_doubt'])
      await sweep(start)
      assert.equal(shop.calls, calls + 2)
    })
  })

  it('lose no stock and sell none twice, whatever befalls them, but in orders in doubt, which say what of', async () => {
    const last = Date.now() + BOUND_MS
    let doubts = 0
    let told = 0
    decided = 0
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        if (Date.now() > last) return
        told++
        doubts += await withWorker(parts, shop.activities(), (start) => tell(start, story))
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    )
    console.log(`      ${told} stories, ${doubts} orders in doubt, ${decided} of them decided by the stock`)
    assert.ok(doubts > 0, 'no story ever left an order in doubt: the faults did not reach it')
    assert.ok(decided > 0, 'the stock decided none of them')
  })

  /** @returns how many orders it left in doubt, until an operator settled them */
  async function tell(start: Start, { plans, inLane, confirmBreaks, faults, crashes }: Story): Promise<number> {
    await refill()
    shop.faults = [...faults]
    shop.crashes = [...crashes]
    shop.confirmBreaks = confirmBreaks
    const requests = plans.map(({ num }) => asked(num))
    const ends = inLane
      ? await runTogether(start, requests, plans[0]?.cut)
      : await Promise.all(plans.map(async (plan, i) => await run(start, requests[i] as Request, plan)))
    shop.crashes = []
    await sweep(start)
    await sleep(LATE_MS + 50) // what is late has arrived
    await sweep(start)

    const doubtful = await inDoubt(requests)
    for (const { orderSn, lines } of doubtful) {
      assert.deepEqual(lines, requests.find((request) => orderSnOf(request) === orderSn)?.lines)
      assert.ok((await readAudit(shop.db, orderSn)).length > 0, `${orderSn} has no trail`)
    }
    const truth = await explanationOf(requests, doubtful)
    for (const [i, end] of ends.entries()) await assertTrue(requests[i] as Request, end)

    shop.faults = []
    const verdictOf = (orderSn: string) => (truth.has(orderSn) ? 'sold' : 'notSold')
    const { proposed, undecided } = await proposeVerdicts(looks(), new Set(), { ripeAfterMs: 0 })
    assert.deepEqual(
      [...proposed, ...undecided].map(({ orderSn }) => orderSn).sort(),
      doubtful.map(({ orderSn }) => orderSn).sort(),
    )
    assert.deepEqual(new Set(undecided.map(({ why }) => why)), new Set(undecided.length > 0 ? ['ambiguous'] : []))
    for (const { orderSn, verdict, version } of proposed) {
      assert.equal(verdict, verdictOf(orderSn), `${orderSn} is proposed as ${verdict}`)
      assert.ok(await resolveInDoubt(shop.db, { orderSn, verdict, version, by: 'reconciliation', why: 'the stock says so' }))
    }
    decided += proposed.length
    for (const { orderSn } of undecided) {
      assert.ok(await resolveInDoubt(shop.db, { orderSn, verdict: verdictOf(orderSn), by: 'an operator', why: 'counted' }))
    }
    await sweep(start)
    assert.deepEqual(await inDoubt(requests), [])
    assert.deepEqual(await explanationOf(requests, []), new Set())
    return doubtful.length
  }

  async function run(start: Start, request: Request, { cut }: Plan) {
    const handle = await start('createOrder', request)
    await cutOff(handle, cut)
    return await ended(handle)
  }

  async function cutOff(handle: WorkflowHandle, cut: Plan['cut']): Promise<void> {
    if (!cut) return
    await sleep(cut.afterMs)
    await (cut.how === 'cancel' ? handle.cancel() : handle.terminate('by hand')).catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error // over already
    })
  }

  /** One batch, and the runs to which it hands over. */
  async function runTogether(start: Start, requests: readonly Request[], cut: Plan['cut']) {
    const batch = await start('createOrders', requests)
    await cutOff(batch, cut)
    const end = await outcome<BatchOutcome[]>(batch)
    return await Promise.all(
      requests.map(async (request, i): Promise<Awaited<ReturnType<typeof ended>>> => {
        const told = 'result' in end ? end.result[i] : undefined
        if (told?.state === 'confirmed') return { result: told.order }
        if (told?.state === 'refused') return { refused: told.refusal, status: 'refused' }
        return await ended(parts.client.workflow.getHandle(createOrderWorkflowId(orderSnOf(request)))).catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error
          return { refused: undefined, status: 'not handed over' }
        })
      }),
    )
  }

  /**
   * The orders in doubt whose Sell counts (of a closed one: whose Reback does not), so that stock + sold = what there was.
   * @throws AssertionError if no choice among them explains what is missing
   */
  async function explanationOf(
    requests: readonly Request[],
    doubtful: { orderSn: string; lines: Line[] }[],
  ): Promise<Set<string>> {
    const missing = new Map<number, number>()
    for (const goodsId of GOODS) missing.set(goodsId, STOCK - (await shop.stock.stock(goodsId)))
    for (const request of requests) {
      const order = await shop.store.getOrder(orderSnOf(request))
      if (order?.status !== 'PAYING') continue
      for (const { goodsId, num } of order.lines) missing.set(goodsId, (missing.get(goodsId) ?? 0) - num)
    }
    for (let choice = 0; choice < 2 ** doubtful.length; choice++) {
      const chosen = doubtful.filter((_, i) => choice & (2 ** i))
      const pieces = (goodsId: number) =>
        chosen.flatMap(({ lines }) => lines).reduce((sum, line) => sum + (line.goodsId === goodsId ? line.num : 0), 0)
      if (GOODS.every((goodsId) => missing.get(goodsId) === pieces(goodsId))) return new Set(chosen.map(({ orderSn }) => orderSn))
    }
    throw new assert.AssertionError({
      message: `missing ${JSON.stringify([...missing])}, in doubt ${JSON.stringify(doubtful)}: unexplained`,
    })
  }

  /** No answer may be untrue: created is PAYING, refused is closed and owes nothing that is not in doubt. */
  async function assertTrue(request: Request, end: Awaited<ReturnType<typeof ended>>): Promise<void> {
    const [status, stockState] = await stateOf(request)
    if ('result' in end) assert.deepEqual([status, stockState], ['PAYING', 'sold'])
    else if (end.refused?.type === 'OrderInDoubt') assert.equal(stockState, 'in_doubt')
    else if (end.refused)
      assert.ok(status === 'TRADE_CLOSED' && stockState !== 'in_doubt', `${JSON.stringify(end.refused)}: ${status} ${stockState}`)
    else assert.ok(status !== 'CREATING' && stockState !== 'returning', `${end.status}: ${status} ${stockState}`)
  }

  async function inDoubt(requests: readonly Request[]) {
    const orders = await Promise.all(requests.map((request) => shop.store.getOrder(orderSnOf(request))))
    return orders.flatMap((order) => (order?.inDoubt ? [{ orderSn: order.orderSn, lines: order.inDoubt }] : []))
  }

  /** Sweeps as the Schedule does, until there is nothing left to do. */
  async function sweep(start: Start): Promise<void> {
    for (let unsettled = await shop.store.findUnsettled(0, 100); unsettled.length > 0; ) {
      await Promise.all(unsettled.map(async ({ orderSn }) => ended(await start('settleOrder', orderSn))))
      unsettled = await shop.store.findUnsettled(0, 100)
    }
  }

  async function refill(): Promise<void> {
    shop.faults = []
    shop.crashes = []
    shop.confirmBreaks = false
    const left = await shop.db.selectFrom('orders').select('order_sn').where('stock_state', '=', 'in_doubt').execute()
    for (const { order_sn } of left) {
      await resolveInDoubt(shop.db, { orderSn: order_sn, verdict: 'notSold', by: 'a test', why: 'it is over' })
    }
    for (const goodsId of GOODS) await shop.stock.setStock(goodsId, STOCK)
    const { baselines, moving } = await readBaseline(looks(), GOODS)
    assert.deepEqual(moving, [])
    await looks().store.putBaselines(baselines)
  }

  function looks() {
    return { store: reconciliationStore(shop.db), stockOf: (goodsId: number) => shop.stock.stock(goodsId) }
  }

  function asked(num: number): Request {
    const userId = (users++ % 400) + 1
    return { userId, requestId: randomUUID(), ...CUSTOMER, lines: GOODS.map((goodsId) => ({ goodsId, num })) }
  }

  async function stateOf(request: Request) {
    const order = await shop.store.getOrder(orderSnOf(request))
    return [order?.status, order?.stockState]
  }
})

/** A run that was terminated has no answer. */
async function ended(handle: WorkflowHandle) {
  return await outcome<CreateOrderResult>(handle)
}
