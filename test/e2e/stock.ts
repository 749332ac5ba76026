import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ExpressionBuilder, sql } from 'kysely'
import { WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { type OrderStatus, STANDING_STATUSES } from '../../contracts/order.ts'
import type { Schema } from '../../store/schema.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { ageOrders } from '../support/age-orders.ts'
import type { TestStack } from '../support/stack.ts'
import { until } from './faults/until.ts'

/** Orders that hold the stock they took. */
const LIVE: readonly OrderStatus[] = STANDING_STATUSES
/** Time between two looks that both have to be quiet: what is on its way to the store when its run ends has arrived by then. */
const BETWEEN_LOOKS_MS = 500

/** Pieces by goods id. */
type Pieces = Record<number, number>

/** The orders that a test answers for: those of its goods, and all that began after it did. What others left is not waited for. */
interface Own {
  goodsIds: readonly number[]
  since: Date
}

/** Sum that must never change, whatever befalls the orders of some goods: stock + pieces of live orders. */
export class StockEquation {
  readonly #stack: TestStack
  readonly #own: Own
  readonly #initial: Pieces

  private constructor(stack: TestStack, own: Own, initial: Pieces) {
    this.#stack = stack
    this.#own = own
    this.#initial = initial
  }

  /** Returns the sum as it is now, once the orders of these goods are settled. */
  static async of(stack: TestStack, goodsIds: readonly number[]): Promise<StockEquation> {
    const own = { goodsIds, since: new Date() }
    await untilSettled(stack, own)
    return new StockEquation(stack, own, await piecesOf(stack, goodsIds))
  }

  /** Waits until every order that is the test's own is settled, by its run or by the sweep. */
  async settled(): Promise<void> {
    await untilSettled(this.#stack, this.#own)
  }

  /**
   * Waits until every order that is the test's own is settled. Then nothing may have leaked or been sold twice, and store
   * and ledger must agree on each of them.
   */
  async assertHolds(): Promise<void> {
    await untilSettled(this.#stack, this.#own)
    assert.deepEqual(await piecesOf(this.#stack, this.#own.goodsIds), this.#initial)
    assert.deepEqual(await disagreements(this.#stack, this.#own), [])
  }
}

/** Waits until no run is open, no row is CREATING and no Reback is owed. */
async function untilSettled(stack: TestStack, own: Own): Promise<void> {
  await until('every order is settled', async () => {
    await ageOrders(stack.db, isOwn(own))
    await assertQuiet(stack, own)
    await sleep(BETWEEN_LOOKS_MS)
    await assertQuiet(stack, own)
  })
}

async function assertQuiet({ client, db }: TestStack, own: Own): Promise<void> {
  const ofOrders = [WORKFLOW_TYPES.createOrder, WORKFLOW_TYPES.createOrders, WORKFLOW_TYPES.settleOrder]
  const types = ofOrders.map((type) => `'${type}'`).join(', ')
  const { count } = await client.workflow.count(
    `ExecutionStatus = 'Running' AND WorkflowType IN (${types}) AND StartTime >= '${own.since.toISOString()}'`,
  )
  assert.equal(count, 0, `${count} runs are open`)
  const unsettled = await db
    .selectFrom('orders')
    .select(['order_sn', 'status', 'stock_state'])
    .where('stock_state', 'not in', ['none', 'sold', 'returned'])
    .where(isOwn(own))
    .execute()
  assert.deepEqual(unsettled, [], `unsettled: ${JSON.stringify(unsettled)}`)
}

function isOwn({ goodsIds, since }: Own) {
  return ({ eb, or, exists, selectFrom }: ExpressionBuilder<Schema, 'orders'>) =>
    or([
      eb('orders.created_at', '>=', since),
      exists(
        selectFrom('order_lines')
          .select('goods_id')
          .whereRef('order_lines.order_sn', '=', 'orders.order_sn')
          .where('goods_id', 'in', [...goodsIds]),
      ),
    ])
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

/** Own orders on which store and ledger differ: a live one has sold exactly its lines, a closed one holds nothing. */
async function disagreements(stack: TestStack, own: Own): Promise<string[]> {
  const orders = await stack.db
    .selectFrom('orders')
    .leftJoin('order_lines', 'order_lines.order_sn', 'orders.order_sn')
    .select(['orders.order_sn as orderSn', 'orders.status'])
    .select(sql<string>`string_agg(goods_id || 'x' || num, ' ' order by goods_id)`.as('lines'))
    .where(isOwn(own))
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
