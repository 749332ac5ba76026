import assert from 'node:assert/strict'
import { Server, ServerCredentials, status, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { GrpcCaller } from '../../bench/grpc-caller.ts'
import { type OrderRequest, OrderServiceService } from '../../proto/generated/order.ts'

const request = (userId: number): OrderRequest => ({ id: 0, userId, address: '路 1', name: 'Li Lei', mobile: '138', post: '' })

describe('the caller of the load generator over gRPC', () => {
  const seen: OrderRequest[] = []
  let server: Server
  let caller: GrpcCaller
  before(async () => {
    server = new Server()
    const { orderCreate } = OrderServiceService
    server.addService({ orderCreate }, {
      orderCreate(call: { request: OrderRequest }, answer: (error: object | null, created?: object) => void) {
        seen.push(call.request)
        const { userId } = call.request
        if (userId === 2) answer({ code: status.FAILED_PRECONDITION, details: '购物车中没有选中的商品' })
        else answer(null, { ...call.request, id: 1, orderSn: 'A', status: 'PAYING', total: 1, payType: 'alipay' })
      },
    } as UntypedServiceImplementation)
    const port = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, bound: number) => (error ? reject(error) : resolve(bound))
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), done)
    })
    caller = new GrpcCaller(new URL(`http://127.0.0.1:${port}`))
  })
  after(() => {
    caller.close()
    server.forceShutdown()
  })

  it('sends orders beside each other on one connection, and hears of each what became of it', async () => {
    const outcomes = await Promise.all([1, 2, 3].map((userId) => caller.createOrder(request(userId))))
    assert.deepEqual(outcomes, [
      { code: 0, details: 'OK' },
      { code: 9, details: '购物车中没有选中的商品' },
      { code: 0, details: 'OK' },
    ])
    assert.deepEqual(
      seen.toSorted((a, b) => a.userId - b.userId),
      [1, 2, 3].map(request),
    )
  })

  it('fails the calls under way when the connection breaks, and every later one', async () => {
    server.forceShutdown()
    await assert.rejects(caller.createOrder(request(4)))
    await assert.rejects(caller.createOrder(request(5)))
    assert.equal(caller.isBroken, true)
  })
})
