import Fastify from 'fastify'
import { stopRequested } from '../../composition/lifecycle.ts'
import type { CreateOrderResult, NamedRequest } from '../../contracts/create-order.ts'
import type { OrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'

/** Refusals of a row that is no code of ours: by the status the load sees whether an order was made. */
const REFUSED = 422

/**
 * The HTTP front door of the rows that are not ours: `POST /orders` until the process is asked to stop. It asks no more of a
 * request than a name for it.
 * @param place makes one order; what it throws is answered 422
 */
export async function takeOrders(
  { host, port }: { host: string; port: number },
  place: (request: NamedRequest, orderSn: OrderSn) => Promise<CreateOrderResult>,
): Promise<void> {
  const stop = stopRequested()
  const app = Fastify()
  app.get('/readyz', async () => ({ ready: true }))
  app.post('/orders', async ({ body, headers }, reply) => {
    const request: NamedRequest = { ...(body as NamedRequest), requestId: String(headers['idempotency-key']) }
    try {
      return await reply.code(201).send(await place(request, orderSnOf(request)))
    } catch (error) {
      return await reply.code(REFUSED).send({ message: String(error) })
    }
  })
  await app.listen({ host, port })
  await stop
  await app.close()
}
