import assert from 'node:assert/strict'
import { MockActivityEnvironment } from '@temporalio/testing'
import { archiveActivities } from '../../activities/archive-orders.ts'
import type { Archiving } from '../../store/archive/archive-old-orders.ts'

describe('archiving by Schedule', () => {
  it('moves nothing unless a worker is told how old orders have to be', async () => {
    const orders = { archiveOldOrders: async () => assert.fail('nobody asked for it') }
    const { archiveRound } = archiveActivities({ orders, archiveShare: 10 })
    assert.deepEqual(await new MockActivityEnvironment().run(archiveRound), { archived: 0, more: false })
  })

  it('ends with the worker, and counts each batch', async () => {
    const environment = new MockActivityEnvironment()
    const counted: number[] = []
    const archiveOldOrders = async ({ olderThanMs, share, signal, onBatch }: Archiving) => {
      assert.deepEqual([olderThanMs, share], [1_000, 10])
      onBatch?.(200)
      environment.cancel()
      signal?.throwIfAborted()
      return { archived: 200, more: true }
    }
    const onArchived = (orders: number) => counted.push(orders)
    const { archiveRound } = archiveActivities({
      orders: { archiveOldOrders },
      archiveAfterMs: 1_000,
      archiveShare: 10,
      onArchived,
    })
    await assert.rejects(environment.run(archiveRound))
    assert.deepEqual(counted, [200])
  })
})
