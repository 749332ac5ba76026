import type { ImportedOrder } from '../store/imported/imported-order.ts'
import type { ImportedCart, PutCarts } from '../store/imported/put-carts.ts'
import type { PutOrderOutcome } from '../store/imported/put-orders.ts'
import type { HighestIds } from '../store/imported/raise-ids.ts'
import type { MysqlSource } from './mysql-source.ts'

/** Parts of an import; import/main.ts joins them. Of a dry run, those that write only say what they would do. */
export interface ImportDeps {
  source: Pick<
    MysqlSource,
    'count' | 'highestIds' | 'ordersAfter' | 'linesOf' | 'linesLeftOut' | 'deletedCartRows' | 'sharedNumbers' | 'carts'
  >
  putOrders(orders: readonly ImportedOrder[]): Promise<Map<string, PutOrderOutcome>>
  putCarts(carts: readonly ImportedCart[]): Promise<PutCarts>
  importedUsersAfter(userId: number): Promise<number[]>
  raiseIds(highest: HighestIds): Promise<void>
  /** Decimals of the minor unit of the source's currency. */
  digits: number
}
