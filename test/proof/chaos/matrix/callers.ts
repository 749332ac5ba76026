import assert from 'node:assert/strict'
import { Metadata } from '@grpc/grpc-js'
import type { NamedRequest } from '../../../../contracts/create-order.ts'
import { type Answer, place } from '../../../e2e/faults/place.ts'
import { atDoor, placeOverGrpc } from '../../../e2e/faults/place-over-grpc.ts'
import { call } from '../../../e2e/shop.ts'
import type { Door } from './cells.ts'
import type { Ordered } from './judge.ts'
import type { RestartedRoot } from './restarted-root.ts'

/** Longest wait of a caller who cancels over gRPC, and then sends it again. Milliseconds. */
const CANCELLED_WITHIN_MS = 15_000

/** Caller of a starter that is killed and started again. */
export interface Caller {
  /** Sends the order once, the same each time. */
  order(): Promise<Answer<Ordered>>
  /** Cancels an order that was created. @throws Error if that was not answered, or refused */
  cancel(orderSn: string): Promise<void>
}

/** @param request whose key a caller without one does not know */
export function callerAt(starter: RestartedRoot, door: Door, request: NamedRequest): Caller {
  if (door === 'http') {
    return {
      order: async () => await place((await starter.ready()).url, request),
      async cancel(orderSn) {
        const { url } = await starter.ready()
        const { status, body } = await call(`${url}/orders/${orderSn}/cancel`, { method: 'POST', body: {} })
        assert.equal(status, 200, `cancel was answered ${status} ${body.failure}`)
        assert.deepEqual([body.status, body.closedFor], ['TRADE_CLOSED', 'cancelled'])
      },
    }
  }
  const { requestId, ...withoutKey } = request
  return {
    order: async () => await placeOverGrpc((await starter.ready()).door, door === 'click' ? withoutKey : request),
    async cancel(orderSn) {
      await atDoor((await starter.ready()).door, async (client) => {
        const update = { id: 0, orderSn, status: 'TRADE_CLOSED' }
        await new Promise<void>((resolve, reject) => {
          client.orderUpdate(update, new Metadata(), { deadline: Date.now() + CANCELLED_WITHIN_MS }, (error) =>
            error ? reject(error) : resolve(),
          )
        })
      })
    },
  }
}
