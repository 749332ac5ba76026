import type { Access } from '../identity/access.ts'
import type { OrderMethod } from './texts.ts'

/**
 * Callers that each method takes. `OrderUpdate` reports payments as well, so it is no customer's: one could call their own order paid.
 */
export const METHOD_ACCESS: Record<OrderMethod, Access> = {
  cartItemList: 'own',
  cartItemAdd: 'own',
  cartItemUpdate: 'own',
  cartItemDelete: 'own',
  orderCreate: 'own',
  orderList: 'own',
  orderDetail: 'own',
  orderUpdate: 'orders:any',
  orderDelete: 'own',
}
