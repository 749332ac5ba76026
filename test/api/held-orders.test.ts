import assert from 'node:assert/strict'
import type { AppDeps } from '../../api/app.ts'
import { fingerprintOf } from '../../contracts/order-sn.ts'
import type { OpenedOrder, OpenIntent } from '../../store/open-orders.ts'
import { appOf, CLOSED, CONFIRMED, fakeParts, ORDER_SN, ordersThatSay, REQUEST, row, runsThat } from './parts.ts'

const OTHER_BODY = row({ fingerprint: fingerprintOf({ ...REQUEST, lines: [{ goodsId: 3, num: 9 }] }) })

describe('POST /orders, before it answers 202 for an order that is not in the store', () => {
  const unknownStart = { ...fakeParts().parts.runs, start: async () => undefined }

  /** A store without the order, which opens it as `row`, or as `then` says. */
  function empty(then?: (intent: OpenIntent) => OpenedOrder | Promise<never>) {
    const intents: OpenIntent[] = []
    const orders: AppDeps['orders'] = {
      ...ordersThatSay(undefined),
      openOrders: async (asked) => {
        intents.push(...asked)
        return await Promise.all(asked.map((one) => then?.(one) ?? { order: row(), lines: [], inserted: true }))
      },
    }
    return { orders, intents }
  }

  it('records it there, whatever became of its run', async () => {
    const { requestId: _, ...asked } = REQUEST
    for (const runs of [unknownStart, runsThat({ kind: 'open' })]) {
      for (const keyed of [true, false]) {
        const { orders, intents } = empty()
        const { post } = await appOf({ orders, runs, keyed })
        assert.equal((await post()).statusCode, 202)
        const expected = { ...asked, requestId: 'key-1', orderSn: ORDER_SN, fingerprint: fingerprintOf(REQUEST), keyed }
        assert.deepEqual(intents, [{ ...expected, workflowId: `create-order/${ORDER_SN}` }])
      }
    }
  })

  it('records it in the name of its batch, and leaves the batch a moment to do so itself', async () => {
    const lane = {
      take: async () => ({ kind: 'open' as const, workflowId: 'create-orders/1', isStarted: true }),
      refuseIfBusy() {},
    }
    const slow = empty()
    assert.equal((await (await appOf({ orders: slow.orders, lane })).post()).statusCode, 202)
    assert.deepEqual(
      slow.intents.map(({ workflowId }) => workflowId),
      ['create-orders/1'],
    )
    const quick = empty()
    const orders = { ...quick.orders, getOrder: ordersThatSay(undefined, undefined, row()).getOrder }
    assert.equal((await (await appOf({ orders, lane })).post()).statusCode, 202)
    assert.deepEqual(quick.intents, [])
  })

  it('answers what it finds there instead: the order, its refusal, another body of its key', async () => {
    const ended: string[] = []
    const answers: unknown[] = []
    for (const order of [CONFIRMED, { ...CLOSED, stockState: 'none' as const }, OTHER_BODY]) {
      const { orders } = empty(() => ({ order, lines: [], inserted: order.refusal !== undefined }))
      const { post } = await appOf({ orders, runs: unknownStart, onOrderEnd: ({ outcome }) => ended.push(outcome) })
      const answer = await post()
      answers.push([answer.statusCode, answer.json().failure])
    }
    assert.deepEqual(answers, [
      [201, undefined],
      [422, 'InsufficientStock'],
      [422, 'IdempotencyKeyReused'],
    ])
    assert.deepEqual(ended, ['InsufficientStock'], 'what was refused here is counted here')
  })

  it('answers 503 if neither party says whether it was begun, and 202 if Temporal acknowledged its run', async () => {
    const away = () => Promise.reject(new Error('connect ECONNREFUSED'))
    const unknown = await (await appOf({ orders: empty(away).orders, runs: unknownStart })).post()
    assert.deepEqual([unknown.statusCode, unknown.json().failure], [503, 'ServiceUnavailable'])
    assert.match(unknown.json().detail, /neither Temporal nor PostgreSQL said whether this order was begun/)
    const acknowledged = await (await appOf({ orders: empty(away).orders, runs: runsThat({ kind: 'open' }) })).post()
    assert.equal(acknowledged.statusCode, 202)
  })
})
