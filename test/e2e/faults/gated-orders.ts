import { randomUUID } from 'node:crypto'
import type { WorkflowHandle } from '@temporalio/client'
import { createOrderWorkflowId, WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import type { TestStack } from '../../support/stack.ts'
import { RECIPIENT } from '../shop.ts'
import { type GatedWorkerProcess, type GateOf, gatesOf } from './gated-worker-process.ts'

const STEPS = ['openOrder', 'getUser', 'batchGetGoods', 'sell', 'confirmOrder', 'voidOrder', 'reback'] as const

/** Goods that gated orders are for. */
export const GATED_GOODS = [11, 12]

/** An order that stands at its gate. */
export interface GatedOrder {
  gate: GateOf<(typeof STEPS)[number]>
  orderSn: string
  handle: WorkflowHandle
}

/** Starts one order for each gate, each of another user, and comes back when every one of them stands at its gate. */
export async function ordersAtEveryGate(stack: TestStack, gated: GatedWorkerProcess): Promise<GatedOrder[]> {
  const orders = await Promise.all(
    gatesOf(STEPS).map(async (gate, i): Promise<GatedOrder> => {
      const lines = GATED_GOODS.map((goodsId, line) => ({ goodsId, num: 1 + line }))
      const requestId = randomUUID()
      const input = { userId: 1 + i, requestId, ...RECIPIENT, lines }
      const workflowId = `${createOrderWorkflowId(orderSnOf(input))}#${gate}`
      const options = { workflowId, taskQueue: gated.taskQueue, args: [input] }
      return { gate, orderSn: orderSnOf(input), handle: await stack.client.workflow.start(WORKFLOW_TYPES.createOrder, options) }
    }),
  )
  await gated.haveHalted(orders.map(({ handle }) => handle.workflowId))
  return orders
}
