import { DBOS } from '@dbos-inc/dbos-sdk'
import { run } from '../../../composition/lifecycle.ts'
import { loadStarterConfig, loadWorkerConfig } from '../../../config/config.ts'
import type { CreateOrderResult, NamedRequest } from '../../../contracts/create-order.ts'
import type { OrderSn } from '../../../contracts/order.ts'
import { priceOrder } from '../../../workflows/price-order.ts'
import { takeOrders } from '../../rows/take-orders.ts'
import { orderSteps } from '../order-steps.ts'

/**
 * The saga as DBOS's documentation has one write it: a workflow an order, named by it, each call a step, undos on a stack. Its state is kept in a
 * database of the same PostgreSQL; settings are its defaults.
 */
run(async () => {
  const config = loadWorkerConfig(process.env)
  const { httpAddr } = loadStarterConfig(process.env)
  const { batchGetGoods, getUser, sell, reback, saveOrder } = orderSteps(config)

  async function placeOrder(orderSn: OrderSn, request: NamedRequest): Promise<CreateOrderResult> {
    const undos: (() => Promise<void>)[] = []
    const asked = request.lines ?? []
    try {
      const [goods] = await Promise.all([
        DBOS.runStep(() => batchGetGoods(asked.map(({ goodsId }) => goodsId)), { name: 'batchGetGoods' }),
        DBOS.runStep(() => getUser(request.userId), { name: 'getUser' }),
      ])
      const lines = priceOrder(asked, goods, request.expectedTotal)
      undos.unshift(() => DBOS.runStep(() => reback(orderSn, asked), { name: 'reback' }))
      await DBOS.runStep(() => sell(orderSn, asked), { name: 'sell' })
      return await DBOS.runStep(() => saveOrder({ orderSn, request, lines, workflowId: orderSn }), { name: 'saveOrder' })
    } catch (error) {
      for (const undo of undos) await undo()
      throw error
    }
  }

  const workflow = DBOS.registerWorkflow(placeOrder, { name: 'placeOrder' })
  const state = new URL(config.databaseUrl)
  state.pathname += '_state'
  DBOS.setConfig({ name: 'bench', applicationVersion: '1', systemDatabaseUrl: state.href, logLevel: 'warn' })
  await DBOS.launch()
  await takeOrders(httpAddr, async (request, orderSn) => {
    const handle = await DBOS.startWorkflow(workflow, { workflowID: orderSn })(orderSn, request)
    return await handle.getResult()
  })
  await DBOS.shutdown()
})
