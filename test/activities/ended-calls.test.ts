import assert from 'node:assert/strict'
import { type ServiceError, status } from '@grpc/grpc-js'
import { failureOfCall } from '../../activities/failure-of-call.ts'
import { stockOutcomeOf } from '../../activities/stock-answers.ts'
import { METHODS_CALLED, type RpcMethod, refusalOf } from '../../clients/answers.ts'
import { GoodsClient } from '../../clients/goods-client.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { UserClient } from '../../clients/user-client.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { ENDINGS, EndingServer, trailers } from '../clients/ending-server.ts'

const ORDER_SN = orderSnOf({ userId: 1, requestId: 'sent' })
const DEADLINE_MS = 2_000
/**
 * Statuses that libraries never make up (gRPC, "Status codes and their use in gRPC"), and that prove that nothing was applied.
 */
const SPOKEN_BY_SERVICES = [status.INVALID_ARGUMENT, status.NOT_FOUND, status.ABORTED]

describe('a call that somebody else than its service ends', () => {
  const server = new EndingServer()
  let inventory: InventoryClient
  let calls: Record<RpcMethod, () => Promise<unknown>>
  let close: () => void

  before(async () => {
    const options = { target: await server.start(), deadlineMs: DEADLINE_MS }
    inventory = new InventoryClient(options)
    const goods = new GoodsClient(options)
    const users = new UserClient(options)
    calls = {
      'inventory/Sell': () => inventory.sell(ORDER_SN, [{ goodsId: 1, num: 7 }]),
      'inventory/Reback': () => inventory.reback(ORDER_SN, [{ goodsId: 1, num: 7 }]),
      'goods/BatchGetGoods': () => goods.batchGetGoods([1]),
      'user/GetUserById': () => users.getUserById(1),
    }
    close = () => {
      for (const client of [inventory, goods, users]) client.close()
    }
  })
  after(async () => {
    close()
    await server.stop()
  })

  for (const [name, ending] of Object.entries(ENDINGS)) {
    it(`is no proof that nothing was applied, and no refusal: ${name}`, async () => {
      for (const method of METHODS_CALLED) {
        for (const isApplied of [true, false]) {
          server.endBy(ending, isApplied)
          const error = await failureOf(method)
          if (!error) {
            assert.ok(isApplied, 'answered what did not take effect')
            continue
          }
          const seen = `${method} ${isApplied ? 'after' : 'before'} its effect: ${status[error.code]} ${error.details}`
          if (isApplied) assert.equal(server.applied, 1, `sent ${server.applied} times: ${seen}`)
          assert.equal(stockOutcomeOf(error), 'UNKNOWN', seen)
          assert.equal(refusalOf(method, error), undefined, seen)
          if (/^(RST_STREAM|GOAWAY|HTTP)/.test(name)) assert.equal(failureOfCall(method, error).type, 'ServiceUnavailable', seen)
        }
      }
    })
  }

  it('proves nothing by a status alone, but for those that only services choose', async () => {
    for (const code of Object.values(status)) {
      if (typeof code !== 'number' || code === status.OK) continue
      server.endBy(trailers({ 'grpc-status': String(code), 'grpc-message': 'x' }), true)
      const error = await failureOf('inventory/Sell')
      assert.ok(error)
      const proves = SPOKEN_BY_SERVICES.includes(code)
      assert.equal(stockOutcomeOf(error), proves ? 'NOT_APPLIED' : 'UNKNOWN', status[code])
    }
  })

  it('was not "never sent" because the other side says what our own side says of calls that were not', async () => {
    for (const [code, words] of [
      [status.UNAVAILABLE, 'not connected: no backend is known'],
      [status.UNAVAILABLE, 'No connection established. Last error: null'],
      [status.UNAVAILABLE, 'Name resolution failed for target dns:inventory'],
      [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.300s,Waiting for LB pick'],
      [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.300s,waiting for name resolution'],
      [status.RESOURCE_EXHAUSTED, 'Sent message larger than max (5000000 vs. 4194304)'],
    ] as const) {
      server.endBy(trailers({ 'grpc-status': String(code), 'grpc-message': words }), true)
      assert.equal(stockOutcomeOf(await failureOf('inventory/Sell')), 'UNKNOWN', words)
    }
  })

  it('may have taken its effect if its deadline passes', async () => {
    server.endBy(() => {}, true)
    const error = await failureOf('inventory/Sell')
    assert.equal(error?.code, status.DEADLINE_EXCEEDED)
    assert.equal(server.applied, 1)
    assert.equal(stockOutcomeOf(error), 'UNKNOWN')
  })

  /** Failure of a call that arrived: one that met the end of a connection on its way is made again. */
  async function failureOf(method: RpcMethod): Promise<ServiceError | undefined> {
    for (const until = Date.now() + 30_000; ; ) {
      const { heard } = server
      const error = await calls[method]().then(
        () => undefined,
        (error: ServiceError) => error,
      )
      if (!error || server.heard > heard || Date.now() > until) return error
    }
  }
})
