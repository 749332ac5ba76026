import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { metBy } from './fault-event.ts'
import { planFaults } from './plan-faults.ts'
import { plannedOrder } from './planned-order.ts'

const SEEDS = [1, 2, 3, 50, 20_240_601]

describe('a seed', () => {
  it('decides orders and faults, and another one others', () => {
    for (const seed of SEEDS) {
      assert.deepEqual(planFaults(seed, 60), planFaults(seed, 60))
      assert.deepEqual(plannedOrder(seed, 7), plannedOrder(seed, 7))
      assert.ok(!isDeepStrictEqual(planFaults(seed, 60), planFaults(seed + 1, 60)))
      assert.ok(!isDeepStrictEqual(plannedOrder(seed, 7).request, plannedOrder(seed, 8).request))
      assert.ok(!isDeepStrictEqual(plannedOrder(seed, 7).life, plannedOrder(seed, 8).life))
    }
  })

  it('plans faults in their order, within the run, never two on one thing at the same time', () => {
    for (const seed of SEEDS) {
      const over = new Map<string, number>()
      let last = 0
      const faults = planFaults(seed, 600)
      assert.ok(faults.length > 60, `only ${faults.length} faults in 10 minutes`)
      for (const event of faults) {
        assert.ok(event.atMs >= last && event.atMs < 600_000)
        last = event.atMs
        assert.ok((over.get(metBy(event)) ?? 0) <= event.atMs, `two faults on ${metBy(event)}`)
        over.set(metBy(event), event.atMs + ('forMs' in event ? event.forMs : 0))
      }
      assert.equal(new Set(faults.map((event) => event.do)).size, 8, 'a kind of fault never comes')
    }
  })

  it('plans orders of each kind, and repeats of each', () => {
    const orders = Array.from({ length: 2_000 }, (_, place) => plannedOrder(3, place))
    assert.equal(new Set(orders.map(({ kind }) => kind)).size, 8)
    assert.deepEqual(new Set(orders.map(({ again }) => again?.how)), new Set([undefined, 'at once', 'later', 'other body']))
    assert.deepEqual(new Set(orders.map(({ cut }) => cut?.how)), new Set([undefined, 'cancel', 'terminate']))
    assert.equal(new Set(orders.map(({ life }) => life.kind)).size, 8)
    assert.equal(new Set(orders.map(({ request }) => request.requestId)).size, orders.length)
  })
})
