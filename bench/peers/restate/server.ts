import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Context, serve, service } from '@restatedev/restate-sdk'
import { run } from '../../../composition/lifecycle.ts'
import { loadStarterConfig, loadWorkerConfig } from '../../../config/config.ts'
import type { CreateOrderResult, NamedRequest } from '../../../contracts/create-order.ts'
import type { OrderSn } from '../../../contracts/order.ts'
import { freePort } from '../../../dev/processes/ports.ts'
import { priceOrder } from '../../../workflows/price-order.ts'
import { takeOrders } from '../../rows/take-orders.ts'
import { orderSteps } from '../order-steps.ts'
import './with-resolvers.ts'
import { startRestate } from './start-restate.ts'

interface Placing {
  orderSn: OrderSn
  request: NamedRequest
}

/**
 * The saga as Restate's documentation has one write it: a handler an order, each call journalled, undos on a stack. The server is a process below
 * this one, with its production profile and its own store on disk; an order is invoked through its ingress, its number being the idempotency key.
 */
run(async () => {
  const { httpAddr } = loadStarterConfig(process.env)
  const { batchGetGoods, getUser, sell, reback, saveOrder } = orderSteps(loadWorkerConfig(process.env))

  async function placeOrder(context: Context, { orderSn, request }: Placing): Promise<CreateOrderResult> {
    const undos: (() => Promise<void>)[] = []
    const asked = request.lines ?? []
    try {
      const goods = await context.run('batchGetGoods', () => batchGetGoods(asked.map(({ goodsId }) => goodsId)))
      await context.run('getUser', () => getUser(request.userId))
      const lines = priceOrder(asked, goods, request.expectedTotal)
      undos.unshift(async () => await context.run('reback', () => reback(orderSn, asked)))
      await context.run('sell', () => sell(orderSn, asked))
      return await context.run('saveOrder', () => saveOrder({ orderSn, request, lines, workflowId: orderSn }))
    } catch (error) {
      for (const undo of undos) await undo()
      throw error
    }
  }

  const port = await freePort()
  await serve({ services: [service({ name: 'orders', handlers: { placeOrder } })], port })
  const dir = await mkdtemp(join(tmpdir(), 'order-saga-restate-'))
  const restate = await startRestate(dir)
  try {
    await restate.register(`http://127.0.0.1:${port}`)
    await takeOrders(httpAddr, async (request, orderSn) => {
      const answer = await fetch(`${restate.ingress}/orders/placeOrder`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': orderSn },
        body: JSON.stringify({ orderSn, request } satisfies Placing),
      })
      if (!answer.ok) throw new Error(`Restate answered ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as CreateOrderResult
    })
  } finally {
    await restate.stop()
    await rm(dir, { recursive: true, force: true })
  }
})
