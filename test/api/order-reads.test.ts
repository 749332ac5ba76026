import assert from 'node:assert/strict'
import type { LaneOutcome } from '../../api/lane-order.ts'
import { OrderReads } from '../../api/order-reads.ts'
import { PlacedOrders } from '../../api/placed-orders.ts'
import type { StoredOrder } from '../../store/stored-order.ts'
import { appOf, CLOSED, CONFIRMED, OWING, ordersThatSay, RESULT, row } from './parts.ts'

describe('reads of orders', () => {
  it('go out at once, one by one, and those that come meanwhile share a statement of at most 25', async () => {
    const { statements, reads } = store()
    const asked = Array.from({ length: 70 }, (_, i) => reads.getOrder(`ORDER${i % 65}`))
    assert.deepEqual(
      statements.map(({ orderSns }) => orderSns.length),
      [1],
    )
    for (let i = 0; i < 4; i++) await statements[i]?.answer()
    assert.deepEqual(
      statements.map(({ orderSns }) => orderSns.length),
      [1, 25, 25, 19],
    )
    for (const [i, order] of (await Promise.all(asked)).entries()) assert.equal(order?.orderSn, `ORDER${i % 65}`)
    const later = reads.getOrder('ABSENT')
    await statements[4]?.answer()
    assert.equal(await later, undefined)
  })

  it('fail for those that shared the statement, and go on for others', async () => {
    const { statements, reads } = store()
    const [first, second] = [reads.getOrder('ORDER1'), reads.getOrder('ORDER2')]
    const failed = assert.rejects(first, /away/)
    await statements[0]?.fail(new Error('away'))
    await failed
    await statements[1]?.answer()
    assert.equal((await second)?.orderSn, 'ORDER2')
  })
})

describe('orders of requests that place one', () => {
  it('are looked for by their numbers, all that come meanwhile by one statement, and read only if they are there', async () => {
    const looked: number[] = []
    const read: number[] = []
    const placed = new PlacedOrders({
      recordedOrders: async (orderSns) => {
        looked.push(orderSns.length)
        return orderSns.filter((orderSn) => orderSn.startsWith('THERE'))
      },
      getOrders: async (orderSns) => {
        read.push(orderSns.length)
        return new Map(orderSns.map((orderSn) => [orderSn, { ...CONFIRMED, orderSn }]))
      },
    })
    const found = await Promise.all(Array.from({ length: 300 }, (_, i) => placed.getOrder(i < 298 ? `NEW${i}` : `THERE${i}`)))
    assert.deepEqual(looked, [1, 299])
    assert.deepEqual(
      found.flatMap((order) => order?.orderSn ?? []),
      ['THERE298', 'THERE299'],
    )
    assert.deepEqual(read, [1, 1])
  })
})

describe('a repeat in the lane', () => {
  it('is answered without a batch if its order is settled, and left to the lane if it is not, or can not be read', async () => {
    const owed = OWING
    const otherBody = row({ fingerprint: 'of another body' })
    const unreadable = { ...ordersThatSay(), getOrder: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    const answers: unknown[] = []
    for (const orders of [
      ...[CONFIRMED, CLOSED, otherBody, row(), owed, undefined].map((one) => ordersThatSay(one)),
      unreadable,
    ]) {
      let taken = 0
      const lane = {
        refuseIfBusy() {},
        async take(): Promise<LaneOutcome> {
          taken++
          return { kind: 'created', result: RESULT }
        },
      }
      const answer = await (await appOf({ orders, lane })).post()
      answers.push([answer.statusCode, answer.json().failure, taken])
    }
    assert.deepEqual(answers, [
      [201, undefined, 0],
      [422, 'InsufficientStock', 0],
      [422, 'IdempotencyKeyReused', 0],
      [201, undefined, 1],
      [201, undefined, 1],
      [201, undefined, 1],
      [201, undefined, 1],
    ])
  })
})

/** A store that has every order but ABSENT, and answers when it is told to. */
function store() {
  const statements: { orderSns: readonly string[]; answer: () => Promise<void>; fail: (error: Error) => Promise<void> }[] = []
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const reads = new OrderReads({
    getOrders: (orderSns) =>
      new Promise((resolve, reject) => {
        const rows = orderSns.filter((orderSn) => orderSn !== 'ABSENT')
        const found = new Map<string, StoredOrder>(rows.map((orderSn) => [orderSn, { ...CONFIRMED, orderSn }]))
        const answer = () => {
          resolve(found)
          return settled()
        }
        const fail = (error: Error) => {
          reject(error)
          return settled()
        }
        statements.push({ orderSns, answer, fail })
      }),
  })
  return { statements, reads }
}
