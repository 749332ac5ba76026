import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { WorkflowHandle } from '@temporalio/client'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { HeadStarts } from '../../composition/head-starts.ts'
import { type CreateOrderResult, createOrderWorkflowId, type OrderRequest } from '../../contracts/create-order.ts'
import { type BatchOutcome, MAX_BATCH_BYTES } from '../../contracts/create-orders.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { Preparation } from '../../contracts/steps.ts'
import { until } from '../e2e/faults/until.ts'
import { LaneShop, NOBODY, SOLD_OUT } from '../support/lane-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const STEPS = ['prepareOrders', 'sellOrders', 'confirmOrders'] as const
type Step = (typeof STEPS)[number]

describe('the head start of a batch', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: LaneShop
  let users = 0
  /** Steps that were really done, by whomever. */
  let done: Step[]
  let answered: Step[]
  let steps: ReturnType<LaneShop['activities']>
  let headStarts: HeadStarts
  let workflowId: string

  before(async () => {
    parts = await connectParts()
  })

  beforeEach(async () => {
    shop = await LaneShop.open()
    prepareSteps()
    workflowId = `create-orders/${randomUUID()}`
  })

  afterEach(async () => {
    await shop.db.destroy()
  })

  after(async () => {
    await parts.close()
  })

  it('does each step once: the run finds the answers, all of them by its first step, and records them', async () => {
    const requests = [asked(), asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] }), asked({ userId: NOBODY })]
    headStarts.of(workflowId, requests).begin()
    const { outcomes, handle } = await run(requests)
    assert.deepEqual(states(outcomes), ['confirmed', 'refused', 'refused'])
    assert.deepEqual(done, STEPS)
    const { events } = await handle.fetchHistory()
    const results = events?.flatMap((event) => event.markerRecordedEventAttributes?.details?.result?.payloads ?? [])
    assert.equal(results?.length, 3, 'prepareOrders, voidOrders and rebackOrders')
    const { ahead } = defaultPayloadConverter.fromPayload<Preparation>(results?.[0] as Payload)
    assert.deepEqual(
      ahead?.map(({ step, answer }) => [step, (answer as unknown[]).length]),
      [
        ['sellOrders', 2],
        ['confirmOrders', 1],
      ],
    )
    assert.deepEqual(await shop.violations(), [])
  })

  it('refuses by the same rule: an order that comes to another total than its buyer agreed to', async () => {
    const expectedTotal = { amount: 1, currency: 'CNY' }
    const requests = [asked({ expectedTotal }), asked()]
    headStarts.of(workflowId, requests).begin()
    const { outcomes } = await run(requests)
    assert.deepEqual(states(outcomes), ['refused', 'confirmed'])
    assert.ok(outcomes[0]?.state === 'refused' && outcomes[0].refusal.type === 'PriceChanged')
    assert.equal([...shop.ledger.values()].filter(({ state }) => state === 'SOLD').length, 1)
    assert.deepEqual(await shop.violations(), [])
  })

  it('opens the orders in the name of the run', async () => {
    const request = asked()
    headStarts.of(workflowId, [request]).begin()
    await run([request])
    const { workflow_id } = await shop.db
      .selectFrom('orders')
      .select('workflow_id')
      .where('order_sn', '=', orderSnOf(request))
      .executeTakeFirstOrThrow()
    assert.equal(workflow_id, workflowId)
  })

  it('does nothing if the run was faster', async () => {
    const requests = [asked()]
    const headStart = headStarts.of(workflowId, requests)
    assert.deepEqual(states((await run(requests)).outcomes), ['confirmed'])
    headStart.begin()
    assert.deepEqual(done, STEPS)
  })

  it('is of no use to a run that begins anew, which hands over what it meets', async () => {
    const requests = [asked(), asked()]
    const headStart = headStarts.of(workflowId, requests)
    headStart.begin()
    void headStart.take('prepareOrders') // by an execution that is dead now
    shop.beforeSell = async () => {
      while (answered.filter((step) => step === 'prepareOrders').length < 2)
        await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const { outcomes } = await run(requests)
    assert.deepEqual(states(outcomes), ['handedOver', 'handedOver'])
    assert.deepEqual(await shop.violations(), [])
    assert.equal(shop.ledger.size, 2)
  })

  it('never mixes the answers of two executions: one that begins anew finds none of those that are left', async () => {
    const headStart = headStarts.of(workflowId, [asked()])
    headStart.begin()
    await until('all is tried', () => assert.deepEqual(done, STEPS))
    assert.notEqual(headStart.take('prepareOrders'), undefined) // by an execution that is dead now
    for (const step of STEPS) assert.equal(headStart.take(step), undefined, step)
  })

  it('leaves a step that takes long to an activity of its own', async () => {
    let release: () => void = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const { sellOrders } = steps
    steps.sellOrders = async (sales) => await released.then(() => sellOrders(sales))
    headStarts = new HeadStarts(steps)
    const headStart = headStarts.of(workflowId, [asked()])
    headStart.begin()
    assert.equal(((await headStart.take('prepareOrders')) as Preparation).ahead, undefined)
    const sold = headStart.take('sellOrders')
    release()
    assert.deepEqual(await sold, [{ done: true }])
    await until('it is confirmed', () => assert.deepEqual(done, STEPS))
    const [confirmed] = (await headStart.take('confirmOrders')) as CreateOrderResult[]
    assert.equal(confirmed?.status, 'PAYING')
  })

  it('leaves answers that are too large together to activities of their own', async () => {
    const name = 'x'.repeat(MAX_BATCH_BYTES.ahead)
    const { confirmOrders } = steps
    steps.confirmOrders = async (orders) =>
      (await confirmOrders(orders)).map((order) => order && ({ ...order, name } as typeof order))
    headStarts = new HeadStarts(steps)
    const headStart = headStarts.of(workflowId, [asked()])
    headStart.begin()
    assert.equal(((await headStart.take('prepareOrders')) as Preparation).ahead, undefined)
    for (const step of STEPS.slice(1)) assert.notEqual(headStart.take(step), undefined, step)
  })

  it('is forgotten at the end: the run does what is left', async () => {
    const requests = [asked()]
    headStarts.of(workflowId, requests).end()
    assert.deepEqual(states((await run(requests)).outcomes), ['confirmed'])
    assert.deepEqual(done, STEPS)
  })

  it("shows the run the failure of a step, and goes no further: the second round is the run's own", async () => {
    let calls = 0
    prepareSteps({
      openOrders: async (intents) => {
        if (calls++ === 0) throw new Error('injected')
        return await shop.store.openOrders(intents)
      },
    })
    const requests = [asked()]
    headStarts.of(workflowId, requests).begin()
    const { outcomes } = await run(requests)
    assert.deepEqual(states(outcomes), ['confirmed'])
    assert.deepEqual(done, ['prepareOrders', ...STEPS])
    assert.deepEqual(await shop.violations(), [])
  })

  it('has no answer to a second round, nor to what follows it, although no first round took them here', async () => {
    const requests = [asked(), asked()]
    headStarts.of(workflowId, requests).begin()
    while (!(await shop.store.getOrder(orderSnOf(requests[1] as OrderRequest)))?.payDeadline)
      await new Promise((resolve) => setTimeout(resolve, 5))
    const itself = async (activityType: Step, ...args: unknown[]) => {
      const context = { info: { activityType, workflowExecution: { workflowId, runId: '' } } }
      const { inbound } = headStarts.interceptor(context as Parameters<typeof headStarts.interceptor>[0])
      return await inbound?.execute?.({ args, headers: {} }, async () => 'done by itself')
    }
    assert.equal(await itself('prepareOrders', requests.slice(1), true), 'done by itself')
    assert.equal(await itself('sellOrders', []), 'done by itself')
  })

  it('leaves no stock behind if the run is cancelled while its Sell is under way', async () => {
    const requests = [asked(), asked()]
    let handle: WorkflowHandle | undefined
    const { promise: cancelled, resolve } = withResolver()
    shop.beforeSell = async () => {
      shop.beforeSell = () => {}
      while (!handle) await new Promise((done) => setTimeout(done, 5))
      await handle.cancel()
      setTimeout(resolve, 30)
      await cancelled
    }
    headStarts.of(workflowId, requests).begin()
    await withWorker(
      parts,
      steps,
      async (start) => {
        handle = await start('createOrders', requests)
        await outcome(handle)
        for (const request of requests) {
          await parts.client.workflow
            .getHandle(createOrderWorkflowId(orderSnOf(request)))
            .result()
            .catch(() => {}) // none, or settled
        }
      },
      { workflowId, interceptor: headStarts.interceptor },
    )
    assert.deepEqual(await shop.violations(), [])
  })

  function prepareSteps(changes: Parameters<LaneShop['activities']>[0] = {}): void {
    done = []
    answered = []
    steps = shop.activities(changes)
    const counted =
      <Args extends unknown[], Answer>(step: Step, run: (...args: Args) => Promise<Answer>) =>
      async (...args: Args) => {
        done.push(step)
        const answer = await run(...args)
        answered.push(step)
        return answer
      }
    steps.prepareOrders = counted('prepareOrders', steps.prepareOrders)
    steps.sellOrders = counted('sellOrders', steps.sellOrders)
    steps.confirmOrders = counted('confirmOrders', steps.confirmOrders)
    headStarts = new HeadStarts(steps)
  }

  function asked(part: Partial<OrderRequest> = {}): OrderRequest {
    return {
      userId: 1 + users++,
      requestId: `ahead ${randomUUID()}`,
      address: '1 Test Street',
      name: 'Somebody',
      mobile: '0100',
      lines: [{ goodsId: 1 + (users % 50), num: 1 }],
      ...part,
    }
  }

  /** Runs a batch, and what it hands over, to the end. */
  async function run(requests: OrderRequest[]) {
    return await withWorker(
      parts,
      steps,
      async (start) => {
        const handle = await start('createOrders', requests)
        const outcomes = (await handle.result()) as BatchOutcome[]
        for (const one of outcomes) {
          if (one.state === 'handedOver') await parts.client.workflow.getHandle(one.workflowId).result()
        }
        return { outcomes, handle }
      },
      { workflowId, interceptor: headStarts.interceptor },
    )
  }
})

function states(outcomes: BatchOutcome[]): string[] {
  return outcomes.map(({ state }) => state)
}

function withResolver() {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
