import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOrderWorkflowId, type OrderRequest, WORKFLOW_TYPES } from '../../../../contracts/create-order.ts'
import { orderSnOf } from '../../../../contracts/order-sn.ts'
import { isConfirmed, type StoredOrder } from '../../../../store/stored-order.ts'
import { type Answer, isFinal, place } from '../../../e2e/faults/place.ts'
import { until } from '../../../e2e/faults/until.ts'
import { call, RECIPIENT } from '../../../e2e/shop.ts'
import type { Cell } from './cells.ts'
import type { Injection } from './injection.ts'
import { type Ending, judge } from './judge.ts'
import type { LaneShop, MatrixShop } from './matrix-shop.ts'
import { isExpress, isUnkeyed, stepOf } from './steps.ts'

/** Pieces of each order. */
const NUM = 3
/** Far above the order's budget of 30 s, its undoing, and what a slow and loaded machine needs. Milliseconds. */
const ANSWERED_WITHIN_MS = 600_000
const BETWEEN_QUESTIONS_MS = 200

export interface CellResult {
  cell: Cell
  /** Absent if the cell came to no end. */
  ending?: Ending
  /** True if the lane left the order to a run of its own. */
  handedOver: boolean
  /** Violations: empty for a cell that holds. */
  violations: string[]
  /** Milliseconds. */
  took: number
}

/** Places an order, lets the fault befall it, waits until all is quiet, and judges; never throws. */
export async function runCell(shop: MatrixShop, cell: Cell): Promise<CellResult> {
  const begun = Date.now()
  try {
    const judged = await livesThrough(shop, cell)
    return { cell, ...judged, took: Date.now() - begun }
  } catch (error) {
    return { cell, handedOver: false, violations: [`it came to no end: ${(error as Error).message}`], took: Date.now() - begun }
  }
}

/** One order that nothing befalls: the first of a process takes longer than the lane waits for any of its steps. */
export async function warmUp(shop: MatrixShop, lane: LaneShop): Promise<void> {
  const request = requestOf({ userId: 499, goodsId: 188 })
  await askUntilAnswered(lane, request, orderSnOf(request))
  await untilSettled(shop, lane, orderSnOf(request))
}

async function livesThrough(shop: MatrixShop, cell: Cell): Promise<Omit<CellResult, 'cell' | 'took'>> {
  const lane = shop.lane(cell.lane)
  const request = requestOf(cell)
  const orderSn = orderSnOf(request)
  // A killed worker is back before the next cell begins: this one is to meet its own fault only.
  await Promise.all([lane.worker.ready(), lane.starter.ready()])
  const stockBefore = await lane.stock.stock(cell.goodsId)
  const injection = shop.arm(cell, { ...request, orderSn, goodsId: cell.goodsId })
  try {
    const told = await askUntilAnswered(lane, request, orderSn)
    await allLanded(injection)
    await untilSettled(shop, lane, orderSn)
    if (stepOf(cell.step).life) {
      await cancelUntilAnswered(lane, orderSn)
      await untilSettled(shop, lane, orderSn)
      await allLanded(injection)
      await untilSettled(shop, lane, orderSn)
    }
    const order = await storedOrder(lane, orderSn)
    if (order) {
      told.push(...(await askUntilAnswered(lane, request, orderSn)))
      await untilSettled(shop, lane, orderSn)
    }
    return {
      ...judge({
        cell,
        request,
        told,
        order: await storedOrder(lane, orderSn),
        taken: stockBefore - (await lane.stock.stock(cell.goodsId)),
        ...(!isUnkeyed(cell.lane) && { sale: await lane.stock.sale(orderSn) }),
        befell: injection.befell,
      }),
      handedOver: isExpress(cell.lane) && (await wasStarted(shop, createOrderWorkflowId(request))),
    }
  } finally {
    shop.disarm(injection)
  }
}

function requestOf({ userId, goodsId }: Pick<Cell, 'userId' | 'goodsId'>): OrderRequest {
  return {
    userId,
    requestId: `matrix-${randomUUID()}`,
    ...RECIPIENT,
    lines: [{ goodsId, num: NUM }],
  }
}

/** Asks as a client should: what is not final is asked again, unchanged. @returns every answer that it got */
async function askUntilAnswered(lane: LaneShop, request: OrderRequest, orderSn: string): Promise<Answer[]> {
  const told: Answer[] = []
  for (const deadline = Date.now() + ANSWERED_WITHIN_MS; ; await sleep(BETWEEN_QUESTIONS_MS)) {
    const answer = await place(await lane.starter.ready(), request)
    told.push(answer)
    if (isFinal(answer)) return told
    if (answer.kind === 'pending' && (await storedOrder(lane, orderSn))?.inDoubt) return told
    if (Date.now() > deadline) throw new Error(`no answer; the last one was ${JSON.stringify(answer)}`)
  }
}

/** Cancels as a client should: what is not answered is sent again. */
async function cancelUntilAnswered(lane: LaneShop, orderSn: string): Promise<void> {
  await until('the order is cancelled', async () => {
    const { status, body } = await call(`${await lane.starter.ready()}/orders/${orderSn}/cancel`, { method: 'POST', body: {} })
    assert.equal(status, 200, `cancel was answered ${status} ${body.failure}`)
    assert.deepEqual([body.status, body.closedFor], ['TRADE_CLOSED', 'cancelled'])
  })
}

async function allLanded(injection: Injection): Promise<void> {
  if (injection.befell) await injection.landed
}

/** Asked again on a machine so busy that it takes longer than a connection may. */
async function storedOrder({ store }: LaneShop, orderSn: string): Promise<StoredOrder | undefined> {
  return await until('the store answers', () => store.getOrder(orderSn))
}

/** Waits until no run of the order is open and nothing is owed. Orders of the unkeyed lane are swept from here, and cancelled ones given back. */
async function untilSettled({ stack: { client } }: MatrixShop, lane: LaneShop, orderSn: string): Promise<void> {
  await until('the order is settled', async () => {
    const order = await storedOrder(lane, orderSn)
    const { count } = await client.workflow.count(`OrderSn = '${orderSn}' AND ExecutionStatus = 'Running'`)
    assert.equal(count, 0, 'a run is open')
    if (!order || ['none', 'sold', 'returned', 'in_doubt'].includes(order.stockState)) return
    const run = { taskQueue: lane.taskQueue, workflowId: `matrix-sweep/${randomUUID()}`, args: [] }
    if (isConfirmed(order)) await client.workflow.execute(WORKFLOW_TYPES.closeDueOrders, run)
    else if (!order.keyed) await client.workflow.execute(WORKFLOW_TYPES.sweepOrders, run)
    throw new Error(`it is ${order.status}, ${order.stockState}`)
  })
}

async function wasStarted({ stack: { client } }: MatrixShop, workflowId: string): Promise<boolean> {
  return await client.workflow
    .getHandle(workflowId)
    .describe()
    .then(
      () => true,
      () => false,
    )
}
