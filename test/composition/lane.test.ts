import assert from 'node:assert/strict'
import { Registry } from 'prom-client'
import { createLane } from '../../composition/lane.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { REQUEST } from '../api/parts.ts'

describe('the lane', () => {
  it('shows how many orders wait for it', async () => {
    const registry = new Registry()
    const never = new Promise<never>(() => undefined)
    const client = { start: () => never, withDeadline: () => never } as unknown as Parameters<typeof createLane>[0]
    const { intake } = createLane(client, { taskQueue: 'orders', maxInFlight: 1, maxQueue: 10, waitMs: 10_000 }, registry)
    const queued = async () => /^lane_queue_length (\d+)$/m.exec(await registry.metrics())?.[1]
    assert.equal(await queued(), '0')
    for (const userId of [1, 2, 3]) {
      const request = { ...REQUEST, userId, requestId: `k${userId}` }
      void intake.take(request, orderSnOf(request), new AbortController().signal)
    }
    assert.equal(await queued(), '2', 'the first has left')
  })
})
