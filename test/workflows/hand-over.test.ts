import assert from 'node:assert/strict'
import { status as grpcStatus } from '@grpc/grpc-js'
import { handOverActivities } from '../../activities/hand-over.ts'
import type { CreateOrderInput, OrderRequest } from '../../contracts/create-order.ts'
import { createOrderWorkflowId, formerWorkflowId } from '../../contracts/create-order.ts'
import { type BatchOutcome, MAX_BATCH_BYTES } from '../../contracts/create-orders.ts'
import { MAX_LINES } from '../../contracts/limits.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { ownRun } from '../../temporal/own-run.ts'
import { startOwnRun } from '../../temporal/start-own-run.ts'
import { LaneShop, refusedCall } from '../support/lane-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

type Request = CreateOrderInput & { requestId: string }
type StartOwnRun = Parameters<typeof handOverActivities>[0]['startOwnRun']

describe('a batch hands over', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: LaneShop
  let users = 0

  before(async () => {
    parts = await connectParts()
  })

  beforeEach(async () => {
    shop = await LaneShop.open()
    const sold = new Set<string>()
    // No first Sell of an order is answered: every order of a batch is handed over.
    shop.beforeSell = (orderSn) => {
      if (sold.has(orderSn)) return
      sold.add(orderSn)
      throw refusedCall(grpcStatus.UNAVAILABLE)
    }
  })

  afterEach(async () => {
    await shop.db.destroy()
  })

  after(async () => {
    await parts.close()
  })

  it('many orders by one activity and two workflow tasks: neither their starts nor their ends wake it', async () => {
    const { outcomes, events } = await run(Array.from({ length: 20 }, () => asked()))
    assert.deepEqual(new Set(outcomes.map(({ state }) => state)), new Set(['handedOver']))
    assert.equal(events.filter((event) => event.workflowTaskCompletedEventAttributes).length, 2)
    assert.deepEqual(activitiesOf(events), ['handOverOrders'])
    assert.deepEqual(await shop.violations(), [])
  })

  it('in parts that fit a payload each, however large its orders are', async () => {
    const requests = Array.from({ length: 40 }, () => asked(MAX_LINES))
    const handedOver: OrderRequest[] = []
    const { outcomes, events } = await run(requests, { startOwnRun: async (request) => void handedOver.push(request) })
    // One fits the batch, and is refused: nobody knows its goods.
    assert.equal(outcomes.filter(({ state }) => state === 'handedOver').length, handedOver.length)
    assert.ok(handedOver.length >= 39)
    const bytes = Buffer.byteLength(JSON.stringify(handedOver))
    const steps = activitiesOf(events)
    assert.ok(steps.length > 1 && bytes / steps.length <= MAX_BATCH_BYTES.handedOver, `${bytes} bytes in ${steps.length} parts`)
    const reports = events.flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled, markerRecordedEventAttributes: marker }) =>
        scheduled
          ? [`part in ${scheduled.workflowTaskCompletedEventId}`]
          : marker
            ? [`${marker.workflowTaskCompletedEventId}`]
            : [],
    )
    const beside = new Set(reports)
    const besideAnswers = reports.filter((report) => beside.has(report.replace('part in ', '')) && report.startsWith('part'))
    assert.equal(besideAnswers.length, 1, 'one part goes with what the steps answered')
  })

  for (const when of ['before', 'after'] as const) {
    it(`each order once, whatever start fails ${when} it took effect, and holds up no other order by it`, async () => {
      // More than are started at the same time.
      const requests = Array.from({ length: 12 }, () => asked())
      const tries: string[] = []
      const startsOf: StartOwnRun = async (request, by) => {
        const fails = tries.push(createOrderWorkflowId(orderSnOf(request))) === 1
        if (fails && when === 'before') throw new Error('injected')
        await startOwnRun(parts.client, request, by)
        if (fails) throw new Error('injected')
      }
      const { outcomes } = await run(requests, { startOwnRun: startsOf })
      assert.deepEqual(new Set(outcomes.map(({ state }) => state)), new Set(['handedOver']))
      const ids = requests.map((request) => createOrderWorkflowId(orderSnOf(request)))
      assert.deepEqual(tries.slice(0, 12), ids, 'the others are tried in the first attempt')
      assert.deepEqual(tries.slice(12), ids, 'and all of them again in the second')
      assert.deepEqual(await shop.violations(), [])
    })
  }

  it('an order whose own run is open already, to that one: it begins no other, fails nothing, and holds up no other order', async () => {
    const requests = [asked(), asked()]
    const [first] = requests as OrderRequest[]
    assert.ok(first)
    const reached = new Gate()
    const handedOver = new Gate()
    const { beforeSell } = shop
    shop.beforeSell = async (orderSn) => {
      if (orderSn !== orderSnOf(first)) return await beforeSell(orderSn)
      reached.open()
      await handedOver.opened
    }
    const failed: unknown[] = []
    const startsOf: StartOwnRun = async (request, by) => {
      try {
        await startOwnRun(parts.client, request, by)
      } catch (error) {
        failed.push(error)
        handedOver.open() // or the batch would wait for the end of that run, and this test for the batch
        throw error
      }
    }
    const activities = { ...shop.activities(), ...handOverActivities({ startOwnRun: startsOf }) }
    await withWorker(parts, activities, async (begin, taskQueue) => {
      const own = await parts.client.workflow.start('createOrder', ownRun(first, orderSnOf(first), taskQueue))
      await reached.opened
      const outcomes = (await (await begin('createOrders', requests)).result()) as BatchOutcome[]
      assert.deepEqual(failed, [])
      assert.deepEqual(
        outcomes.map((order) => order.state === 'handedOver' && order.workflowId),
        (requests as OrderRequest[]).map((request) => createOrderWorkflowId(orderSnOf(request))),
      )
      assert.equal((await parts.client.workflow.getHandle(own.workflowId).describe()).runId, own.firstExecutionRunId)
      handedOver.open()
      for (const request of requests as OrderRequest[])
        await outcome(parts.client.workflow.getHandle(createOrderWorkflowId(orderSnOf(request))))
    })
    assert.deepEqual(await shop.violations(), [])
  })

  it('under the names that whoever started the runs gave them: a worker of a build before reports none, and named them after keys', async () => {
    const requests = [asked(), asked()]
    const activities = { ...shop.activities(), handOverOrders: async () => undefined }
    const outcomes = await withWorker(parts, activities, async (begin) => {
      return (await (await begin('createOrders', requests)).result()) as BatchOutcome[]
    })
    assert.deepEqual(
      outcomes.map((order) => order.state === 'handedOver' && order.workflowId),
      requests.map(formerWorkflowId),
    )
  })

  function asked(lines = 1): Request {
    const userId = 1 + users++
    return {
      userId,
      requestId: `hand over ${process.pid} ${users} ${Date.now()}`,
      address: '1 Test Street',
      name: 'Somebody',
      mobile: '0100',
      lines: Array.from({ length: lines }, (_, i) => ({ goodsId: lines === 1 ? 1 + (userId % 50) : 1_000_000_000 + i, num: 1 })),
    }
  }

  /** Runs a batch, and what it hands over, to the end. */
  async function run(requests: Request[], handOver?: { startOwnRun: StartOwnRun }) {
    const activities = { ...shop.activities(), ...(handOver && handOverActivities(handOver)) }
    return await withWorker(parts, activities, async (begin) => {
      const handle = await begin('createOrders', requests)
      const outcomes = (await handle.result()) as BatchOutcome[]
      for (const request of requests as OrderRequest[]) {
        const own = parts.client.workflow.getHandle(createOrderWorkflowId(orderSnOf(request)))
        await outcome(own).catch(() => {}) // if a test starts none
      }
      return { outcomes, events: (await handle.fetchHistory()).events ?? [] }
    })
  }
})

/** Something that is waited for. */
class Gate {
  open: () => void = () => {}
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve
  })
}

function activitiesOf(
  events: { activityTaskScheduledEventAttributes?: { activityType?: { name?: string | null } | null } | null }[],
) {
  return events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [])
}
