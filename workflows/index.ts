export { createOrder } from './create-order.ts'
export { createOrders } from './create-orders.ts'
export { settleOrder } from './settle-order.ts'
export { sweepOrders } from './sweep-orders.ts'
