import assert from 'node:assert/strict'
import { Answers } from '../../bench/answers.ts'
import { offerSteadily } from '../../bench/offer-steadily.ts'
import type { Placed, PlaceOrder } from '../../bench/order-callers.ts'

const CREATED: Placed = { done: true, status: 201, answer: '201' }

describe('a steady offer of orders', () => {
  async function offer(callers: PlaceOrder[], warmupMs = 0) {
    const answers = new Answers()
    let orders = 0
    await offerSteadily(callers, { perSecond: 1_000, ms: 100, warmupMs, next: () => ++orders, answers })
    return { orders, ...answers.measured(0.1) }
  }

  it('sends as many orders as the rate says, and waits for every answer', async () => {
    const { orders, done, failed } = await offer(Array.from({ length: 100 }, () => async () => CREATED))
    assert.deepEqual([orders, done, failed], [100, 100, 0])
  })

  it('waits for no answer before the next order, and counts an order without a free caller as one that nobody answered', async () => {
    let answer: (placed: Placed) => void = () => {}
    const slow = new Promise<Placed>((resolve) => {
      answer = resolve
    })
    const measured = offer([() => slow, () => slow])
    setTimeout(() => answer(CREATED), 200)
    const { orders, done, otherwise } = await measured
    assert.deepEqual([orders, done, otherwise[0]?.count], [2, 2, 98])
  })

  it('counts the time of an answer from when its order was due', async () => {
    const blocked: PlaceOrder = async () => {
      for (const until = performance.now() + 60; performance.now() < until; );
      return CREATED
    }
    const { latencyMs } = await offer([blocked, async () => CREATED])
    assert.ok((latencyMs?.max ?? 0) >= 60)
  })

  it('counts only what was sent after the warm-up', async () => {
    const { orders, done } = await offer(
      Array.from({ length: 100 }, () => async () => CREATED),
      50,
    )
    assert.deepEqual([orders, done], [100, 50])
  })

  it('keeps answers apart by their status', async () => {
    let n = 0
    const statuses: PlaceOrder = async () => (n++ % 2 ? CREATED : { done: false, status: 503, answer: '503 later' })
    const { done, failed, sample, otherwise } = await offer(Array.from({ length: 100 }, () => statuses))
    assert.deepEqual([done, failed, sample, otherwise[503]?.count], [50, 50, '503 later', 50])
  })
})
