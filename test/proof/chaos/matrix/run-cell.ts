import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOrderWorkflowId, type NamedRequest, WORKFLOW_TYPES } from '../../../../contracts/create-order.ts'
import type { Line } from '../../../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../../../contracts/order-sn.ts'
import { isConfirmed, type StoredOrder } from '../../../../store/stored-order.ts'
import { type Answer, isFinal } from '../../../e2e/faults/place.ts'
import { until } from '../../../e2e/faults/until.ts'
import { RECIPIENT } from '../../../e2e/shop.ts'
import { type Caller, callerAt } from './callers.ts'
import type { Cell } from './cells.ts'
import type { Injection } from './injection.ts'
import { type Ending, judge, type Ordered } from './judge.ts'
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
  const { orderSn, caller } = await readyToOrder(lane, { userId: 499, goodsId: 188, door: 'http' })
  await askUntilAnswered(lane, caller, orderSn)
  await untilSettled(shop, lane, orderSn)
}

async function livesThrough(shop: MatrixShop, cell: Cell): Promise<Omit<CellResult, 'cell' | 'took'>> {
  const lane = shop.lane(cell.lane)
  // A killed worker is back before the next cell begins: this one is to meet its own fault only.
  await Promise.all([lane.worker.ready(), lane.starter.ready()])
  const { request, orderSn, caller } = await readyToOrder(lane, cell)
  const stockBefore = await stockOf(lane, cell)
  const injection = shop.arm(cell, { ...request, orderSn, goodsId: cell.goodsId })
  try {
    const told = await askUntilAnswered(lane, caller, orderSn)
    await allLanded(injection)
    await untilSettled(shop, lane, orderSn)
    if (stepOf(cell.step).life) {
      await until('the order is cancelled', () => caller.cancel(orderSn))
      await untilSettled(shop, lane, orderSn)
      await allLanded(injection)
      await untilSettled(shop, lane, orderSn)
    }
    const order = await storedOrder(lane, orderSn)
    // A click behind a refusal is another order, which nothing would befall.
    if (order && !(cell.door === 'click' && told.at(-1)?.kind === 'refused')) {
      told.push(...(await askUntilAnswered(lane, caller, orderSn)))
      await untilSettled(shop, lane, orderSn)
    }
    const others = await ordersOfClick(lane, request, orderSn)
    for (const other of others) await untilSettled(shop, lane, other)
    return {
      ...judge({
        cell,
        asked: lineOf(cell),
        told,
        order: await storedOrder(lane, orderSn),
        others: await Promise.all(others.map(async (other) => (await storedOrder(lane, other)) as StoredOrder)),
        taken: stockBefore - (await stockOf(lane, cell)),
        ...(!isUnkeyed(cell.lane) && { sale: await until('the inventory answers', () => lane.stock.sale(orderSn)) }),
        befell: injection.befell,
      }),
      handedOver: isExpress(cell.lane) && (await wasStarted(shop, createOrderWorkflowId(orderSnOf(request)))),
    }
  } finally {
    shop.disarm(injection)
  }
}

/** Fills the cart of a caller who orders by it, and names the order as it is going to be named. */
async function readyToOrder(lane: LaneShop, cell: Pick<Cell, 'door' | 'userId' | 'goodsId'>) {
  const { userId, door } = cell
  const order = { userId, ...RECIPIENT, ...(door === 'http' && { lines: [lineOf(cell)] }) }
  if (door !== 'http') await until('the cart is filled', () => fillCart(lane, userId, lineOf(cell)))
  const fingerprint = fingerprintOf(order)
  const [naturalKey = ''] = door === 'click' ? await lane.store.naturalKeys([{ userId, fingerprint }]) : []
  const request: NamedRequest = { ...order, requestId: naturalKey || `matrix-${randomUUID()}` }
  return { request, orderSn: orderSnOf(request), caller: callerAt(lane.starter, door, request) }
}

function lineOf({ goodsId }: Pick<Cell, 'goodsId'>): Line {
  return { goodsId, num: NUM }
}

/** Puts this line into the user's cart, and whatever another suite has left there out of it. */
async function fillCart({ cart }: LaneShop, userId: number, { goodsId, num }: Line): Promise<void> {
  for (const item of await cart.list(userId)) await cart.remove(userId, item.goodsId)
  await cart.put(userId, { goodsId, num, checked: true })
}

/** Numbers of the other orders that the repeats of a click came to, since its order before was refused. */
async function ordersOfClick({ db }: LaneShop, { userId, requestId }: NamedRequest, orderSn: string): Promise<string[]> {
  const [key] = /^cart-.*-/.exec(requestId) ?? []
  if (!key) return []
  const rows = await db
    .selectFrom('orders')
    .select('order_sn')
    .where('user_id', '=', userId)
    .where('request_id', 'like', `${key}%`)
    .where('order_sn', '!=', orderSn)
    .execute()
  return rows.map(({ order_sn }) => order_sn)
}

/** Asks as a client should: what is not final is asked again, unchanged. @returns every answer that it got */
async function askUntilAnswered(lane: LaneShop, caller: Caller, orderSn: string): Promise<Answer<Ordered>[]> {
  const told: Answer<Ordered>[] = []
  for (const deadline = Date.now() + ANSWERED_WITHIN_MS; ; await sleep(BETWEEN_QUESTIONS_MS)) {
    const answer = await caller.order()
    told.push(answer)
    if (isFinal(answer)) return told
    if (answer.kind === 'pending' && (await storedOrder(lane, orderSn))?.inDoubt) return told
    if (Date.now() > deadline) throw new Error(`no answer; the last one was ${JSON.stringify(answer)}`)
  }
}

async function allLanded(injection: Injection): Promise<void> {
  if (injection.befell) await injection.landed
}

/** Asked again, as the store is. */
async function stockOf({ stock }: LaneShop, { goodsId }: Cell): Promise<number> {
  return await until('the inventory answers', () => stock.stock(goodsId))
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
