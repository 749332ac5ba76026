import type { Access } from '../identity/access.ts'
import type { OrderMethod } from './texts.ts'

/** Callers that each method takes. What `OrderUpdate` takes of a customer depends on the status that is asked for (order-updates.ts). */
export const METHOD_ACCESS: Record<OrderMethod, Access> = {
  cartItemList: 'own',
  cartItemAdd: 'own',
  cartItemUpdate: 'own',
  cartItemDelete: 'own',
  orderCreate: 'own',
  orderList: 'own',
  orderDetail: 'own',
  orderUpdate: 'own',
  orderDelete: 'own',
}
