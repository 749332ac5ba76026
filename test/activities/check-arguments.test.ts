import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { sql } from 'kysely'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import { MAX_SWEPT } from '../../contracts/limits.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { type Parts, startParts } from './parts.ts'

const SN = 'AORDERAORDERAORD'
const LINES = [{ goodsId: 1, num: 2 }]
const WHY = failure('OrderTimedOut', 'for a test')

describe('an activity that any client runs by itself', () => {
  let parts: Parts
  let users = 0

  before(async () => {
    parts = await startParts()
  })
  after(() => parts.stop())

  function asked() {
    return {
      userId: 7_000 + ++users,
      requestId: randomUUID(),
      address: '7 Lantern Wharf',
      name: 'Philippa Quillfeather',
      mobile: '+99-5550-80131',
      lines: LINES,
    }
  }

  /** Arguments that a caller may send to each activity, and that nothing of ours ever sends. */
  function wrongArguments(): { [Step in keyof Activities]: unknown[][] } {
    const request = asked()
    const priced = { ...LINES[0], name: 'Goods', image: '', price: { amount: 1, currency: 'CNY' } }
    const requests = [
      undefined,
      null,
      [],
      'x',
      {},
      { ...request, userId: '7' },
      { ...request, userId: 2 ** 31 },
      { ...request, requestId: undefined },
      { ...request, requestId: '' },
      { ...request, requestId: 'x'.repeat(129) },
      { ...request, requestId: 'a\nb' },
      { ...request, address: 'a\0b' },
      { ...request, name: 'half \ud800' },
      { ...request, mobile: 'x'.repeat(33) },
      { ...request, post: 5 },
      { ...request, more: 1 },
      { ...request, lines: [{ goodsId: 'abc', num: 1 }] },
      { ...request, lines: [{ goodsId: 1, num: 1.5 }] },
      { ...request, lines: {} },
    ]
    const orderSns = [undefined, '', 'x', SN.toLowerCase(), `${SN}\0`, 'A'.repeat(2_000), 7]
    const linesOfNobody = [undefined, {}, 'x', [null], [{ goodsId: 0, num: 1 }], [{ goodsId: 1, num: 2 ** 40 }]]
    const sales = [
      undefined,
      null,
      7,
      ...orderSns.map((orderSn) => ({ orderSn, lines: [] })),
      ...linesOfNobody.map((lines) => ({ orderSn: SN, lines })),
    ]
    const confirmations = [
      ...sales.filter((sale) => !Array.isArray(Object(sale).lines) || Object(sale).lines.length > 0),
      ...[undefined, { amount: -1 }, { amount: 1.5, currency: 'CNY' }, { amount: 1 }].map((price) => ({
        orderSn: SN,
        lines: [{ ...priced, price }],
      })),
      { orderSn: SN, lines: [{ ...priced, name: 7 }] },
    ]
    const intents = [
      undefined,
      'x',
      ...orderSns.map((orderSn) => ({ orderSn, refusal: WHY })),
      ...[undefined, {}, { ...WHY, type: 'NoSuchFailure' }, { ...WHY, code: 1e30 }, { ...WHY, message: 7 }].map((refusal) => ({
        orderSn: SN,
        refusal,
      })),
      ...[null, {}, { ...request, userId: 0 }, { ...request, requestId: 'a\0b' }].map((of) => ({ request: of, refusal: WHY })),
    ]
    const each = (values: unknown[]) => values.map((value) => [value])
    const lists = (values: unknown[]) => each([undefined, {}, 'x', ...values.map((value) => [value])])
    return {
      openOrder: each(requests),
      getUser: [[undefined], ['7'], [0], [1, 'x']],
      batchGetGoods: [[undefined], ['x'], [[-1]], [['1']], [[1], '']],
      sell: each(sales),
      reback: each(sales),
      confirmOrder: each(confirmations),
      voidOrder: each(intents),
      prepareOrders: [...lists(requests), [[request], 'again'], [[request], null]],
      sellOrders: lists(sales),
      rebackOrders: lists(sales),
      confirmOrders: lists(confirmations),
      voidOrders: lists(intents),
      handOverOrders: [
        ...lists([null, {}, { ...request, userId: 0 }, { ...request, requestId: 'a\0b' }]).map(([orders]) => [
          orders,
          '2026-01-01T00:00:00.000Z',
        ]),
        [[request], undefined],
      ],
      findAbandonedOrders: [],
      closeDue: [],
      findReturning: [],
      startSettling: [...lists(orderSns), [Array.from({ length: MAX_SWEPT + 1 }, () => SN)]],
    }
  }

  it('refuses whatever is no argument of it for good, and stores and sends nothing', async () => {
    const stored = async () => (await sql`select count(*)::integer as n from orders`.execute(parts.db)).rows
    const before = await stored()
    parts.batches.length = 0
    const activities = parts.bareActivities() as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    for (const [step, calls] of Object.entries(wrongArguments())) {
      for (const args of calls) {
        const failed = await asStep((...given) => activities[step]?.(...given) ?? assert.fail(step), args).catch(failureIn)
        assert.equal(
          (failed as { type?: string })?.type,
          'InvalidInput',
          `${step}(${JSON.stringify(args)}) came to ${JSON.stringify(failed)}`,
        )
      }
    }
    assert.deepEqual(await stored(), before)
    assert.deepEqual(parts.batches, [])
  })

  it('records no intent that no run stands behind, for nobody would settle it', async () => {
    const { openOrder, prepareOrders, voidOrder } = parts.bareActivities()
    const request = asked()
    for (const step of [
      () => openOrder(request),
      () => prepareOrders([request]),
      () => voidOrder({ request, refusal: WHY }),
    ] as (() => Promise<unknown>)[]) {
      const refused = failureIn(await standalone(step).catch((error: unknown) => error))
      assert.equal(refused?.type, 'InvalidInput')
      assert.match(String(refused?.message), /must be a step of a workflow: start createOrder instead/)
    }
    assert.equal(await parts.orders.getOrder(orderSnOf(request)), undefined)
  })

  it('stores a refusal whatever its texts are: an undo that fails for them would never end', async () => {
    const { openOrder, voidOrder } = parts.bareActivities()
    const request = asked()
    await asStep(() => openOrder(request), [])
    const refusal = { ...WHY, message: `half \ud800, \0 and ${'long '.repeat(5_000)}`, details: { service: 'a\0b\udfff' } }
    const voided = await asStep(() => voidOrder({ request, refusal }), [])
    assert.equal(voided.outcome, 'CLOSED_NOW')
    const stored = (await parts.orders.getOrder(orderSnOf(request)))?.refusal
    assert.deepEqual([stored?.message.slice(0, 13), stored?.details], ['half \ufffd,  and ', { service: 'ab\ufffd' }])
  })

  it('settles a row that one left behind which took whatever it was given: without a run, without lines', async () => {
    const { openOrder, sell, findAbandonedOrders, voidOrder, reback } = parts.bareActivities()
    const request = asked()
    const orderSn = orderSnOf(request)
    const before = await parts.stock.stock(1)
    await asStep(() => openOrder(request), [])
    await asStep(() => sell({ orderSn, lines: LINES }), [])
    await sql`update orders set workflow_id = '', lines = '[{"goodsId":"abc","num":-1}]' where order_sn = ${orderSn}`.execute(
      parts.db,
    )
    assert.ok((await asStep(findAbandonedOrders, [])).includes(orderSn))
    const { rebackOwed, lines } = await asStep(() => voidOrder({ orderSn, refusal: WHY }), [])
    assert.deepEqual([rebackOwed, lines], [true, []])
    await asStep(() => reback({ orderSn, lines }), [])
    const { status, stockState } = (await parts.orders.getOrder(orderSn)) ?? {}
    assert.deepEqual([status, stockState, await parts.stock.stock(1)], ['TRADE_CLOSED', 'returned', before])
  })

  it('leaves an order alone whose number is none, and reports it: no settleOrder could take it', async () => {
    const reported: string[] = []
    const { openOrder, findAbandonedOrders } = parts.bareActivities({ onLeftAlone: (why) => reported.push(why) })
    const [request, wrong] = [asked(), 'x'.repeat(2_000)]
    await asStep(() => openOrder(request), [])
    await sql`update orders set order_sn = ${wrong} where order_sn = ${orderSnOf(request)}`.execute(parts.db)
    try {
      assert.ok(!(await asStep(findAbandonedOrders, [])).includes(wrong))
      assert.deepEqual(reported, ['unaskable'])
    } finally {
      await sql`delete from orders where order_sn = ${wrong}`.execute(parts.db)
    }
  })

  it('takes no order for answered that was confirmed while it looked', async () => {
    const reported: string[] = []
    const request = asked()
    const orderSn = orderSnOf(request)
    const { openOrder, findAbandonedOrders } = parts.bareActivities({
      onLeftAlone: (why) => reported.push(why),
      attendanceOf: async (order) => {
        if (order.orderSn !== orderSn) return { kind: 'attended', workflowId: 'w', paused: [] }
        const priced = LINES.map((line) => ({ ...line, name: 'Goods', image: '', price: { amount: 1, currency: 'CNY' } }))
        await parts.orders.confirmOrders([{ orderSn, total: 2, lines: priced }])
        return { kind: 'answered', workflowId: 'w' }
      },
    })
    await asStep(() => openOrder(request), [])
    assert.ok(!(await asStep(findAbandonedOrders, [])).includes(orderSn))
    assert.deepEqual(reported, [])
  })

  /** Runs a step as a worker does for a workflow. */
  async function asStep<T>(step: (...args: never[]) => Promise<T>, args: unknown[]): Promise<T> {
    return await environment().run(step as (...args: unknown[]) => Promise<T>, ...args)
  }

  /** Runs an activity as a worker does when no workflow asked for it. */
  async function standalone<T>(step: () => Promise<T>): Promise<T> {
    return await environment({ workflowExecution: undefined, inWorkflow: false }).run(step)
  }

  function environment(info: object = { workflowExecution: { workflowId: 'a-test', runId: 'a-run' } }) {
    const logger = new DefaultLogger('ERROR', () => {})
    return new MockActivityEnvironment({ startToCloseTimeoutMs: 6_000, ...info } as never, { logger })
  }
})
