import assert from 'node:assert/strict'
import { GiveBack } from '../../api/give-back.ts'
import { MAX_CLOSED_TOGETHER } from '../../contracts/limits.ts'
import { parseOrderSn } from '../../contracts/order.ts'

/** Different order numbers. */
const SNS = Array.from({ length: MAX_CLOSED_TOGETHER + 2 }, (_, i) =>
  parseOrderSn(
    [...i.toString(8).padStart(4, '0')]
      .map((digit) => 'ABCDEFGH'[Number(digit)])
      .join('')
      .padStart(16, 'A'),
  ),
)

describe('the giving back of cancelled orders', () => {
  it('starts one run for the first, and one for all that come while that start is in flight', async () => {
    const { started, release, giveBack } = held()
    for (const orderSn of SNS.slice(0, 4)) giveBack.add(orderSn)
    giveBack.add(SNS[3] ?? assert.fail())
    assert.deepEqual(started, [SNS.slice(0, 1)])
    release()
    await giveBack.drain()
    assert.deepEqual(started, [SNS.slice(0, 1), SNS.slice(1, 4)])
  })

  it('gives a run no more orders than it takes', async () => {
    const { started, release, giveBack } = held()
    for (const orderSn of SNS) giveBack.add(orderSn)
    release()
    await giveBack.drain()
    assert.deepEqual(
      started.map(({ length }) => length),
      [1, MAX_CLOSED_TOGETHER, 1],
    )
  })

  it('reports a start that fails, and goes on with the next', async () => {
    const failed: unknown[] = []
    let starts = 0
    const giveBack = new GiveBack({
      async start() {
        if (++starts === 1) throw new Error('away')
      },
      onFailure: (error, orders) => failed.push(`${error} ${orders}`),
      everyMs: 1,
    })
    giveBack.add(SNS[0] ?? assert.fail())
    giveBack.add(SNS[1] ?? assert.fail())
    await giveBack.drain()
    assert.deepEqual([starts, failed], [2, ['Error: away 1']])
  })

  it('starts another run for an order that comes later', async () => {
    const started: string[][] = []
    const giveBack = new GiveBack({ start: async (orderSns) => void started.push(orderSns), onFailure: assert.fail, everyMs: 1 })
    giveBack.add(SNS[0] ?? assert.fail())
    await giveBack.drain()
    giveBack.add(SNS[1] ?? assert.fail())
    await giveBack.drain()
    assert.deepEqual(started, [SNS.slice(0, 1), SNS.slice(1, 2)])
  })
})

/** Its first start waits until it is released. */
function held() {
  const started: string[][] = []
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const giveBack = new GiveBack({
    async start(orderSns) {
      started.push(orderSns)
      if (started.length === 1) await released
    },
    onFailure: assert.fail,
    everyMs: 1,
  })
  return { started, release: () => release(), giveBack }
}
