import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { type OrderStatus, STANDING_STATUSES } from '../../contracts/order.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import type { TestStack } from '../support/stack.ts'
import { until } from './faults/until.ts'

/** Orders that hold the stock they took. */
const LIVE: readonly OrderStatus[] = STANDING_STATUSES
/** Between two looks that both have to be quiet: what is on its way to the store when its run ends has arrived by then. */
const BETWEEN_LOOKS_MS = 500

/** Pieces by goods id. */
type Pieces = Record<number, number>

/** What must never change, whatever befalls the orders of some goods: stock + pieces of live orders. */
export class StockEquation {
  readonly #stack: TestStack
  readonly #initial: Pieces

  private constructor(stack: TestStack, initial: Pieces) {
    this.#stack = stack
    this.#initial = initial
  }

  /** As it is now, once everything is settled. */
  static async of(stack: TestStack, goodsIds: readonly number[]): Promise<StockEquation> {
    await untilSettled(stack)
    return new StockEquation(stack, await piecesOf(stack, goodsIds))
  }

  /** Waits until every order there is is settled, by its run or by the sweep. */
  async settled(): Promise<void> {
    await untilSettled(this.#stack)
  }

  /**
   * Waits until every order is settled. Then nothing may have leaked or been sold twice, and store
   * and ledger must agree on every order there is.
   */
  async assertHolds(): Promise<void> {
    await untilSettled(this.#stack)
    const goodsIds = Object.keys(this.#initial).map(Number)
    assert.deepEqual(await piecesOf(this.#stack, goodsIds), this.#initial)
    assert.deepEqual(await disagreements(this.#stack), [])
  }
}

/** Waits until no run is open, no row is CREATING and no Reback is owed. */
async function untilSettled(stack: TestStack): Promise<void> {
  await until('every order is settled', async () => {
    await assertQuiet(stack)
    await sleep(BETWEEN_LOOKS_MS)
    await assertQuiet(stack)
  })
}

async function assertQuiet({ client, db }: TestStack): Promise<void> {
  const ofOrders = [WORKFLOW_TYPES.createOrder, WORKFLOW_TYPES.createOrders, WORKFLOW_TYPES.settleOrder]
  const { count } = await client.workflow.count(
    `ExecutionStatus = 'Running' AND WorkflowType IN (${ofOrders.map((type) => `'${type}'`).join(', ')})`,
  )
  assert.equal(count, 0, `${count} runs are open`)
  const unsettled = await db
    .selectFrom('orders')
    .select(['order_sn', 'status', 'stock_state'])
    .where('stock_state', 'not in', ['none', 'sold', 'returned'])
    .execute()
  assert.deepEqual(unsettled, [], `unsettled: ${JSON.stringify(unsettled)}`)
}

async function piecesOf(stack: TestStack, goodsIds: readonly number[]): Promise<Pieces> {
  const held = await stack.db
    .selectFrom('order_lines')
    .innerJoin('orders', 'orders.order_sn', 'order_lines.order_sn')
    .select(['goods_id', sql<number>`sum(num)`.as('num')])
    .where('status', 'in', LIVE)
    .groupBy('goods_id')
    .execute()
  const heldOf = new Map(held.map(({ goods_id, num }) => [goods_id, Number(num)]))
  return await askInventory(stack, async (inventory) =>
    Object.fromEntries(
      await Promise.all(goodsIds.map(async (id) => [id, (await inventory.stock(id)) + (heldOf.get(id) ?? 0)] as const)),
    ),
  )
}

/** Orders that store and ledger tell differently: a live one has sold exactly its lines, a closed one holds nothing. */
async function disagreements(stack: TestStack): Promise<string[]> {
  const orders = await stack.db
    .selectFrom('orders')
    .leftJoin('order_lines', 'order_lines.order_sn', 'orders.order_sn')
    .select(['orders.order_sn as orderSn', 'orders.status'])
    .select(sql<string>`string_agg(goods_id || 'x' || num, ' ' order by goods_id)`.as('lines'))
    .groupBy(['orders.order_sn', 'orders.status'])
    .execute()
  const sold = await askInventory(stack, (inventory) => inventory.sold())
  return orders.flatMap(({ orderSn, status, lines }) => {
    const ledger =
      sold
        .get(orderSn)
        ?.map(({ goodsId, num }) => `${goodsId}x${num}`)
        .join(' ') ?? 'nothing'
    const store = LIVE.includes(status) ? lines : 'nothing'
    return ledger === store ? [] : [`${orderSn} ${status}: store ${store}, ledger ${ledger}`]
  })
}

/** @param ask is asked again while the inventory is away: a fault may just have befallen it */
async function askInventory<T>({ ports }: TestStack, ask: (inventory: InventoryClient) => Promise<T>): Promise<T> {
  return await until('the inventory answers', async () => {
    const inventory = new InventoryClient(`127.0.0.1:${ports.inventory}`)
    try {
      return await ask(inventory)
    } finally {
      await inventory.stop()
    }
  })
}
