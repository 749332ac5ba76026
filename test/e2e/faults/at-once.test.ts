import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { RECIPIENT } from '../shop.ts'
import { StockEquation } from '../stock.ts'
import { place } from './place.ts'
import { spawnRoot } from './spawn-root.ts'

const GOODS_IDS = [21, 22]

describe('orders sent at once', () => {
  let stack: TestStack
  let equation: StockEquation

  before(async () => {
    stack = await testStack()
  })

  beforeEach(async () => {
    equation = await StockEquation.of(stack, GOODS_IDS)
  })

  it('are one order and 50 equal answers when they are 50 equal requests', async () => {
    const request = {
      ...RECIPIENT,
      userId: 101,
      requestId: randomUUID(),
      lines: GOODS_IDS.map((goodsId) => ({ goodsId, num: 2 })),
    }
    const answers = await Promise.all(Array.from({ length: 50 }, () => place(stack.httpUrl, request)))

    const [first] = answers
    assert.equal(first?.kind === 'created' && first.order.orderSn, orderSnOf(request))
    for (const answer of answers) assert.deepEqual(answer, first)
    assert.deepEqual(await ordersOf(request.userId), [[request.requestId, 'PAYING']])
    await equation.assertHolds()
  })

  it('are no double sale when they are 20 different requests of one user', async () => {
    const requests = Array.from({ length: 20 }, (_, i) => ({
      ...RECIPIENT,
      userId: 102,
      requestId: randomUUID(),
      lines: GOODS_IDS.map((goodsId) => ({ goodsId, num: 1 + i })),
    }))
    // The lane would let one after the other pass, and none of them would meet the lock.
    const { url, stop } = await spawnRoot(stack, 'starter', { INTAKE: 'single' })
    const answers = await Promise.all(requests.map((request) => place(url, request)))
    await stop()

    await equation.assertHolds()
    const rows = new Map(await ordersOf(102))
    for (const [i, answer] of answers.entries()) {
      const request = requests[i] as (typeof requests)[number]
      const status = rows.get(request.requestId)
      if (answer.kind === 'pending') continue // a busy machine: nothing was told that could be wrong
      if (answer.kind === 'created') {
        assert.equal(status, 'PAYING')
        assert.deepEqual(
          answer.order.lines.map(({ goodsId, num }) => ({ goodsId, num })),
          request.lines,
        )
      } else {
        assert.deepEqual(answer, { kind: 'refused', failure: 'OrderInProgress' })
        assert.equal(status, 'TRADE_CLOSED')
      }
    }
    assert.ok(answers.some(({ kind }) => kind === 'created'))
    assert.ok(
      answers.some(({ kind }) => kind === 'refused'),
      'no two of them met: the lock was not tried',
    )
  })

  async function ordersOf(userId: number): Promise<[requestId: string, status: string][]> {
    const rows = await stack.db.selectFrom('orders').select(['request_id', 'status']).where('user_id', '=', userId).execute()
    return rows.map(({ request_id, status }) => [request_id, status])
  }
})
