import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { status as grpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js'
import type { WorkflowHandle } from '@temporalio/client'
import { problemOf } from '../../api/problems.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import type { Failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { refusalError } from '../../rpc/refusal.ts'
import { appOf, ordersThatSay } from '../api/parts.ts'
import { LaneShop } from '../support/lane-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const SECRET = 'postgres://shop:hunter2@10.0.0.7, 17 pieces left'

/** Services that refuse an order for good in words of their own, and the answer of which they do so. */
const FAULTS: [service: 'goods' | 'users' | 'inventory', code: grpcStatus][] = [
  ['goods', grpcStatus.PERMISSION_DENIED],
  ['users', grpcStatus.PERMISSION_DENIED],
  ['inventory', grpcStatus.PERMISSION_DENIED],
  ['inventory', grpcStatus.RESOURCE_EXHAUSTED],
]

const EDGES = { goods: 'beforeGoods', users: 'beforeUser', inventory: 'beforeSell' }

describe('the internals that a service names in its refusal', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: LaneShop
  let users = 0

  before(async () => {
    parts = await connectParts()
    shop = await LaneShop.open()
  })
  after(async () => {
    await shop.db.destroy()
    await parts.close()
  })

  for (const lane of ['createOrder', 'createOrders'] as const) {
    it(`reach no caller through ${lane}: not by the answer, nor by its repeat, nor by a look at the order, over HTTP and gRPC`, async () => {
      await withWorker(parts, shop.activities(), async (begin) => {
        for (const [service, code] of FAULTS) {
          const what = `${service} ${grpcStatus[code]}`
          let faults = 0
          const fail = () => {
            faults++
            throw answerOf(code)
          }
          Object.assign(shop, { beforeGoods: () => {}, beforeUser: () => {}, beforeSell: () => {}, [EDGES[service]]: fail })
          const request = asked()
          const answers: Failure[] = []
          for (let i = 0; i < 2; i++) {
            answers.push(await refusalOf(await (lane === 'createOrder' ? begin(lane, request) : begin(lane, [request]))))
          }
          assert.ok(faults > 0, `${what}: nobody asked the service`)
          for (const refused of answers) {
            const { details, metadata } = refusalError(refused, 'orderCreate')
            const trailer = metadata
              .get('grpc-status-details-bin')
              .map((bytes) => Buffer.from(bytes as Buffer).toString('latin1'))
            for (const text of [JSON.stringify(problemOf(refused)), details, trailer.join()]) {
              assert.doesNotMatch(text, /hunter2|17 pieces/, `${what}: ${text}`)
            }
          }
          const stored = await shop.store.getOrder(orderSnOf(request))
          assert.ok(stored?.refusal, what)
          const { app } = await appOf({ orders: ordersThatSay(stored) })
          const seen = await app.inject(`/orders/${stored.orderSn}`)
          assert.match(seen.body, new RegExp(stored.refusal.type))
          assert.doesNotMatch(seen.body, /hunter2|17 pieces/, what)
        }
      })
      assert.deepEqual(await shop.violations(), [])
    })
  }

  function asked() {
    const requestId = randomUUID()
    return {
      userId: ++users,
      requestId,
      address: '1 Test Street',
      name: 'Somebody',
      mobile: '0100',
      lines: [{ goodsId: 1, num: 2 }],
    }
  }

  /** Follows an order that a batch hands over to the run that it gets. */
  async function refusalOf(run: WorkflowHandle): Promise<Failure> {
    const ended = await outcome<BatchOutcome[]>(run)
    const refused = 'result' in ended ? ended.result[0] : ended.refused
    if (refused && 'state' in refused) {
      if (refused.state === 'handedOver') return await refusalOf(parts.client.workflow.getHandle(refused.workflowId))
      assert.ok(refused.state === 'refused', JSON.stringify(refused))
      return refused.refusal
    }
    assert.ok(refused, JSON.stringify(ended))
    return refused
  }
})

/** The answer of a service that says more than it should. */
function answerOf(code: grpcStatus): ServiceError {
  return Object.assign(new Error(SECRET), { code, details: SECRET, metadata: new Metadata() })
}
