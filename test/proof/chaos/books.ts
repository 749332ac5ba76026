import { sql } from 'kysely'
import type { FailureType } from '../../../contracts/failures.ts'
import type { ClosedFor, Line, OrderStatus, StockState } from '../../../contracts/order.ts'
import { paymentOf, type StoredPayment } from '../../../store/life/payments.ts'
import { until } from '../../e2e/faults/until.ts'
import { InventoryClient } from '../../services/inventory-client.ts'
import { type OrderHistory, readHistories } from '../../support/order-history.ts'
import { type ChaosShop, PAY_GRACE_MS } from './chaos-shop.ts'

/** The reference inventory has goods 1 to 200. */
const GOODS = Array.from({ length: 200 }, (_, i) => i + 1)

/** An order as the store holds it. */
export interface StoredRow {
  orderSn: string
  userId: number
  requestId: string
  status: OrderStatus
  stockState: StockState
  refusalType: FailureType | null
  isConfirmed: boolean
  /** Minor units. */
  total: number | null
  closedFor: ClosedFor | null
  isDeleted: boolean
  closedAtMs: number | null
  /** Deadline and grace: from then on it is closed for want of a payment. */
  dueAtMs: number | null
  /** Lines of the confirmed order, in goods-id order. */
  lines: Line[]
}

/** Everything that the parties hold at one moment, read from them directly. */
export interface Books {
  /** Pieces by goods id. */
  stock: ReadonlyMap<number, number>
  orders: readonly StoredRow[]
  /** Lines by order number, of what the inventory's ledger holds as sold; absent if it has no keys, and so no ledger. */
  sold?: ReadonlyMap<string, Line[]>
  payments: readonly StoredPayment[]
  histories: readonly OrderHistory[]
}

/** Reads the sums that nothing may change, before the first order. @returns pieces by goods id */
export async function readStock({ inventoryAddress }: Pick<ChaosShop, 'inventoryAddress'>): Promise<Map<number, number>> {
  return await askInventory(inventoryAddress, async (inventory) => {
    const nums = await Promise.all(GOODS.map((goodsId) => inventory.stock(goodsId)))
    return new Map(GOODS.map((goodsId, i) => [goodsId, nums[i] as number]))
  })
}

/** Reads the books. Nothing may be on its way then. */
export async function readBooks(shop: Pick<ChaosShop, 'db' | 'inventoryAddress' | 'keyed'>): Promise<Books> {
  const rows = await shop.db
    .selectFrom('orders')
    .select(['order_sn', 'user_id', 'request_id', 'status', 'stock_state', 'refusal_type', 'total'])
    .select(['closed_for', 'closed_at', 'deleted_at', 'pay_deadline'])
    .select(
      sql<Line[]>`coalesce((
        select json_agg(json_build_object('goodsId', goods_id, 'num', num) order by goods_id)
        from order_lines where order_lines.order_sn = orders.order_sn), '[]')`.as('lines'),
    )
    .execute()
  const orders = rows.map((row) => ({
    orderSn: row.order_sn,
    userId: row.user_id,
    requestId: row.request_id,
    status: row.status,
    stockState: row.stock_state,
    refusalType: row.refusal_type,
    isConfirmed: row.total !== null,
    total: row.total,
    closedFor: row.closed_for,
    isDeleted: row.deleted_at !== null,
    closedAtMs: row.closed_at?.getTime() ?? null,
    dueAtMs: row.pay_deadline ? row.pay_deadline.getTime() + PAY_GRACE_MS : null,
    lines: row.lines,
  }))
  return {
    orders,
    payments: (await shop.db.selectFrom('payments').selectAll().execute()).map(paymentOf),
    histories: await readHistories(shop.db),
    stock: await readStock(shop),
    ...(shop.keyed && { sold: await askInventory(shop.inventoryAddress, (inventory) => inventory.sold()) }),
  }
}

/** Sets stock, before anybody orders. */
export async function setStock(shop: Pick<ChaosShop, 'inventoryAddress'>, goodsId: number, num: number): Promise<void> {
  await askInventory(shop.inventoryAddress, async (inventory) => {
    await inventory.setStock(goodsId, num)
  })
}

/** Asks until it is answered: a slow machine may not have its database's connections in time. */
async function askInventory<T>(address: string, ask: (inventory: InventoryClient) => Promise<T>): Promise<T> {
  const inventory = new InventoryClient(address)
  try {
    return await until('the inventory answers', () => ask(inventory))
  } finally {
    await inventory.stop()
  }
}
