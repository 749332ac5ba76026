import assert from 'node:assert/strict'
import { coresFor, needTable, totalOf } from '../../bench/scale/needs.ts'

describe('what a rate of orders needs', () => {
  it('is the processor time of its orders, of which a core has two thirds to give', () => {
    assert.equal(coresFor(1_000, 2), 3)
    assert.equal(coresFor(100, 2), 0.3)
  })

  it('is shown for each component apart', () => {
    const cost = { replicas: 1, ordersPerSecond: 500, cpuMs: { starter: 2, temporal: 0.5, postgres: 0.1, load: 9, services: 9 } }
    assert.equal(totalOf(cost), 2.6)
    assert.match(needTable(cost), /\| +1,000 \| +3\.00 \| +0\.75 \| +0\.15 \|/)
  })
})
