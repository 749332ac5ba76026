import { randomUUID } from 'node:crypto'
import type { WorkflowHandleWithStartDetails, WorkflowStartOptions } from '@temporalio/client'
import { type OrderRequest, WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import type { BatchOutcome } from '../../../contracts/create-orders.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { searchAttributesOfBatch } from '../../../contracts/search-attributes.ts'
import type { TestStack } from '../../support/stack.ts'
import { RECIPIENT } from '../shop.ts'
import { type GatedWorkerProcess, type GateOf, gatesOf } from './gated-worker-process.ts'

const STEPS = ['prepareOrders', 'sellOrders', 'confirmOrders', 'voidOrders', 'rebackOrders'] as const

export type LaneGate = GateOf<(typeof STEPS)[number]>

/** Goods that gated batches are for; 191 has 0 pieces in the reference inventory. */
export const BATCHED_GOODS = [13, 14, 191]

/** Orders of each batch: two that are good, one that is sold out, one of a user who does not exist. */
export const KINDS = ['good', 'good too', 'soldOut', 'nobody'] as const

export type Kind = (typeof KINDS)[number]

/** The users of the reference directory end at 500. */
const NOBODY = 900_000

/** A batch that stands at its gate. */
export interface GatedBatch {
  gate: LaneGate
  /** Orders by kind, as the batch holds them. */
  orders: { kind: Kind; orderSn: string }[]
  handle: WorkflowHandleWithStartDetails<(inputs: OrderRequest[]) => Promise<BatchOutcome[]>>
}

/** Steps of a batch at an inventory without keys, which gives nothing back. */
export const UNKEYED_STEPS = STEPS.filter((step) => step !== 'rebackOrders')

/** Starts one batch for each gate, of other users each, and comes back when every one of them stands at its gate. */
export async function batchesAtEveryGate(
  stack: TestStack,
  gated: GatedWorkerProcess,
  steps: readonly (typeof STEPS)[number][] = STEPS,
): Promise<GatedBatch[]> {
  const batches = await Promise.all(gatesOf(steps).map((gate, i) => start(stack, gated.taskQueue, gate, i)))
  await gated.haveHalted(batches.map(({ handle }) => handle.workflowId))
  return batches
}

async function start(stack: TestStack, taskQueue: string, gate: LaneGate, i: number): Promise<GatedBatch> {
  const requests = KINDS.map((kind, j) => {
    const goodsId = kind === 'soldOut' ? 191 : 14
    return {
      userId: (kind === 'nobody' ? NOBODY : 1) + i * KINDS.length + j,
      requestId: randomUUID(),
      ...RECIPIENT,
      lines: [13, goodsId].map((goodsId, line) => ({ goodsId, num: 1 + line })),
    }
  })
  const orders = requests.map((request, j) => ({ kind: KINDS[j] as Kind, orderSn: orderSnOf(request) }))
  const options: WorkflowStartOptions = {
    workflowId: `create-orders/${randomUUID()}#${gate}`,
    taskQueue,
    args: [requests],
    typedSearchAttributes: searchAttributesOfBatch(requests.map((request) => ({ request, orderSn: orderSnOf(request) }))),
  }
  return { gate, orders, handle: await stack.client.workflow.start(WORKFLOW_TYPES.createOrders, options) }
}
