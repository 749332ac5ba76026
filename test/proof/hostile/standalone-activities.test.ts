import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { failureIn } from '../../../contracts/application-failure.ts'
import { createOrderWorkflowId, WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import { FAILURES, failure } from '../../../contracts/failures.ts'
import type { Line } from '../../../contracts/order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { freshUser, orderOf } from '../../e2e/shop.ts'
import { StockEquation } from '../../e2e/stock.ts'
import { type TestStack, testStack } from '../../support/stack.ts'

const GOODS_ID = 48
const LINES: Line[] = [{ goodsId: GOODS_ID, num: 2 }]
const WHY = failure('OrderCancelled', 'for a test')
const NOBODYS = 'AAAAAAAAAAAAAAAA'

/** Any client of the namespace can: `temporal activity execute --type reback …`. */
describe('effects that are run by themselves, without a workflow', () => {
  let stack: TestStack
  let equation: StockEquation
  let standing: string
  let closed: string

  before(async () => {
    stack = await testStack()
    equation = await StockEquation.of(stack, [GOODS_ID])
    standing = await created(LINES)
    closed = await created([{ goodsId: 999_999, num: 1 }])
  })

  /** @returns the order's number */
  async function created(lines: Line[]): Promise<string> {
    const request = { ...orderOf(freshUser(), lines), requestId: randomUUID() }
    await stack.client.workflow
      .execute(WORKFLOW_TYPES.createOrder, {
        workflowId: createOrderWorkflowId(orderSnOf(request)),
        taskQueue: 'orders',
        args: [request],
      })
      .catch(() => {}) // the second is refused
    return orderSnOf(request)
  }

  async function rowOf(orderSn: string) {
    const row = await stack.db.selectFrom('orders').selectAll().where('order_sn', '=', orderSn).executeTakeFirst()
    return [row?.status, row?.stock_state, row?.total]
  }

  const priced = [{ ...LINES[0], name: 'goods', image: '', price: { amount: 1, currency: 'CNY' } }]
  const effects: [type: string, of: (orderSn: string) => unknown][] = [
    ['reback', (orderSn) => ({ orderSn, lines: LINES })],
    ['reback', (orderSn) => ({ orderSn, lines: [] })],
    ['rebackOrders', (orderSn) => [{ orderSn, lines: LINES }]],
    ['sell', (orderSn) => ({ orderSn, lines: LINES })],
    ['sell', (orderSn) => ({ orderSn, lines: [{ goodsId: GOODS_ID, num: 70 }] })],
    ['sellOrders', (orderSn) => [{ orderSn, lines: LINES }]],
    ['confirmOrder', (orderSn) => ({ orderSn, lines: priced })],
    ['confirmOrders', (orderSn) => [{ orderSn, lines: priced }]],
    ['voidOrder', (orderSn) => ({ orderSn, refusal: WHY })],
    ['voidOrders', (orderSn) => [{ orderSn, refusal: WHY }]],
  ]
  for (const [type, argumentOf] of effects) {
    it(`change neither an order that stands, nor one that is closed, nor the stock: ${type}`, async () => {
      const before = [await rowOf(standing), await rowOf(closed)]
      assert.deepEqual([before[0]?.[0], before[1]?.[0]], ['PAYING', 'TRADE_CLOSED'])
      for (const orderSn of [standing, closed, NOBODYS]) {
        const outcome = await stack.client.activity
          .execute(type, {
            id: `hostile-${randomUUID()}`,
            taskQueue: 'orders',
            args: [argumentOf(orderSn)],
            startToCloseTimeout: '10s',
            scheduleToCloseTimeout: '30s',
            retry: { maximumAttempts: 2 },
          })
          .then(
            () => 'done',
            (error: unknown) => failureIn(error)?.type ?? String(error),
          )
        // Refused or needless, but by our activity: not by a server that runs none.
        assert.ok(outcome === 'done' || Object.hasOwn(FAILURES, outcome), outcome)
      }
      assert.deepEqual([await rowOf(standing), await rowOf(closed)], before)
      assert.equal((await rowOf(NOBODYS))[0], undefined)
      await equation.assertHolds()
    })
  }
})
