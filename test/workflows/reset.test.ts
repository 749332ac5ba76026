import assert from 'node:assert/strict'
import { failureOf } from '../../contracts/application-failure.ts'
import type { CreateOrderResult } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import type { VoidOrder } from '../../contracts/steps.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { connectParts, withWorker } from '../support/workflow-runs.ts'

const INPUT = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 2 }] }

describe('a createOrder that an operator resets', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>

  before(async () => {
    parts = await connectParts()
  })
  after(() => parts.close())

  it('makes the same order again, though its request names no key', async () => {
    const shop = new FakeShop()
    const results = await resetBehind(1, shop)
    assert.deepEqual(results, [[...shop.rows.keys()][0], [...shop.rows.keys()][0]])
    assert.equal(shop.rows.size, 1)
  })

  it('does not call the order its own, which it called confirmed before it was reset', async () => {
    const shop = new FakeShop()
    const userIsGone = (attempt: number) => {
      if (attempt > 1) throw failureOf(failure('UserNotFound', 'no such user'))
    }
    const voided: VoidOrder[] = []
    await resetBehind(2, shop.before('getUser', userIsGone), voided)
    assert.deepEqual([shop.calls.filter((step) => step === 'openOrder').length, voided.length], [1, 1])
    assert.equal('isOwn' in (voided[0] ?? {}) && (voided[0] as { isOwn?: boolean }).isOwn, false)
  })

  /** @returns the numbers that the run answered, before it was reset behind so many workflow tasks and after */
  async function resetBehind(tasks: number, shop: FakeShop, voided: VoidOrder[] = []): Promise<string[]> {
    const { client } = parts
    const activities = shop.activities()
    const noting = async (order: VoidOrder) => {
      voided.push(order)
      return await activities.voidOrder(order)
    }
    return await withWorker(parts, { ...activities, voidOrder: noting }, async (start) => {
      const first = await start('createOrder', INPUT)
      const { runId: firstRunId } = await first.describe()
      const before = (await first.result()) as CreateOrderResult
      const { events } = await first.fetchHistory()
      const ends = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes)
      const { runId } = await client.workflowService.resetWorkflowExecution({
        namespace: parts.namespace ?? 'default',
        workflowExecution: { workflowId: first.workflowId, runId: firstRunId },
        reason: 'for a test',
        requestId: first.workflowId,
        workflowTaskFinishEventId: ends[tasks - 1]?.eventId ?? null,
      })
      const again = (await client.workflow.getHandle(first.workflowId, runId).result()) as CreateOrderResult
      return [before.orderSn, again.orderSn]
    })
  }
})
