import { setTimeout as sleep } from 'node:timers/promises'
import { isSettled, type StoredOrder } from '../store/stored-order.ts'
import { startSettling } from '../temporal/start-settling.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { requireOrder } from './require-order.ts'

/** A healthy run takes less than one; a verb that waits longer reports where the order stands and leaves. */
const SETTLED_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 200

/**
 * Has an order settled by a run of its own, as the sweep would, but now: closed unless it is confirmed, its stock given back.
 * @returns the order when it is settled, or as it is when that takes long
 */
export async function settleByRun(deps: OperatorDeps, orderSn: string): Promise<StoredOrder> {
  await startSettling(deps.client, orderSn, deps.taskQueue)
  return await untilSettled(deps, orderSn)
}

/** Waits until an order is settled. @returns the order then, or as it is when that takes long */
export async function untilSettled(deps: Pick<OperatorDeps, 'orders'>, orderSn: string): Promise<StoredOrder> {
  for (const deadline = performance.now() + SETTLED_WITHIN_MS; ; ) {
    const order = await requireOrder(deps, orderSn)
    if (isSettled(order) || order.stockState === 'in_doubt' || performance.now() > deadline) return order
    await sleep(LOOK_EVERY_MS)
  }
}
