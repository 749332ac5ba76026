import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { createOrderWorkflowId, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import type { OrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { isExplained, reconcile } from '../../reconciliation/reconcile.ts'
import { readBaseline } from '../../reconciliation/stock-balance.ts'
import { answerGiven } from '../../temporal/answer-given.ts'
import { ordersOfEndedRuns } from '../../temporal/ended-runs.ts'
import { until } from '../e2e/faults/until.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { withWorker } from '../support/workflow-runs.ts'
import { Shop } from './shop.ts'

const LINES = [{ goodsId: 1, num: 2 }]
const RECIPIENT = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }

describe('an order that its run called confirmed, and that the store lost with all its row', () => {
  let shop: Shop
  let client: Client
  let native: NativeConnection
  let taskQueue: string
  let orderSn: OrderSn
  let request: typeof RECIPIENT & { userId: number; requestId: string; lines: typeof LINES }

  before(async () => {
    const { address } = await testTemporal()
    client = new Client({ connection: await Connection.connect({ address }) })
    native = await NativeConnection.connect({ address })
  })
  after(async () => {
    await client.connection.close()
    await native.close()
  })
  beforeEach(async () => {
    shop = await Shop.open()
    request = { userId: 1_700_000 + Math.floor(Math.random() * 1e8), requestId: randomUUID(), ...RECIPIENT, lines: LINES }
    orderSn = orderSnOf(request)
    // Its confirmation is in the store of another shop: this one's was set back.
    await withWorker({ connection: native, client }, new FakeShop().activities(), async (_, queue) => {
      taskQueue = queue
      const workflowId = createOrderWorkflowId(orderSnOf(request))
      await client.workflow.execute(WORKFLOW_TYPES.createOrder, { workflowId, taskQueue, args: [request] })
    })
    await until('the server lists its run', async () => {
      for await (const found of ordersOfEndedRuns(client, taskQueue)) assert.deepEqual(found, [orderSn])
    })
  })
  afterEach(() => shop.close())

  function partsOf(keyed: boolean) {
    const sinces: (string | undefined)[] = []
    return {
      sinces,
      ...shop.parts(keyed),
      answerGiven: (sn: string) => answerGiven(client, sn, []),
      ordersOfEndedRuns(since?: string) {
        sinces.push(since)
        return ordersOfEndedRuns(client, taskQueue, since)
      },
    }
  }

  it('is found of an inventory without a ledger, again and again until its row is there, and its pieces are no drift', async () => {
    const parts = partsOf(false)
    const { baselines } = await readBaseline(parts, [1])
    await shop.store.putBaselines(baselines)
    await shop.inventory.sellUnkeyed(LINES)
    for (let look = 0; look < 2; look++) {
      const { findings, unexplained } = await reconcile(parts)
      assert.deepEqual(
        findings.map(({ advice: _, ...finding }) => finding),
        [{ kind: 'answered-without-order', orderSn, units: LINES }],
      )
      assert.match(String(findings[0]?.advice), /give its pieces back .* request of run create-order\S+ sent again under its key/)
      assert.deepEqual(unexplained['answered-without-order'], { units: 2, findings: 1 })
    }
    assert.deepEqual(parts.sinces, [undefined, undefined], 'it looks as far back as before')

    await shop.inventory.rebackUnkeyed(LINES)
    const { lines, ...key } = request
    await shop.orders.openOrders([{ ...key, orderSn, fingerprint: 'f', lines, workflowId: 'w', keyed: false }])
    shop.attended.add(orderSn)
    assert.ok(isExplained(await reconcile(parts)))
    await reconcile(parts)
    const since = parts.sinces.at(-1) ?? assert.fail('what was looked through is not looked through for ever')
    assert.ok(Date.now() - Date.parse(since) >= 900_000, 'what the list of runs did not show yet is still to be seen')
  })

  it('is found of an inventory that lost its sale as well, and not of one that gave it back by its number', async () => {
    const parts = partsOf(true)
    assert.deepEqual(
      (await reconcile(parts)).findings.map(({ kind, orderSn: of }) => [kind, of]),
      [['answered-without-order', orderSn]],
    )
    await shop.inventory.reback(orderSn, LINES)
    assert.ok(isExplained(await reconcile(parts)))
  })

  it('is none if its run refused it, as a batch may that confirmed others', async () => {
    const parts = { ...partsOf(true), answerGiven: async () => undefined }
    assert.ok(isExplained(await reconcile(parts)))
    await reconcile(parts)
    assert.ok(parts.sinces.at(-1), 'it was looked through')
  })

  it('hides nothing else if Temporal cannot be asked', async () => {
    const orderSns = [await shop.opened(LINES)]
    const { findings } = await reconcile({
      ...partsOf(true),
      // biome-ignore lint/correctness/useYield: it fails before it has any
      async *ordersOfEndedRuns() {
        throw new Error('14 UNAVAILABLE: no connection')
      },
    })
    assert.deepEqual(
      findings.map(({ kind, orderSn: of }) => [kind, of]),
      [...orderSns.map((of) => ['abandoned', of]), ['unaskable', undefined]],
    )
  })
})
