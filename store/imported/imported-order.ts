import type { ClosedFor, OrderSn, OrderStatus, StockState } from '../../contracts/order.ts'

/** An order of the service that was replaced, as it becomes a row of ours. Times are local to the source, `YYYY-MM-DD hh:mm:ss.sss`. */
export interface ImportedOrder {
  id: number
  orderSn: OrderSn
  userId: number
  requestId: string
  /** Its number there; empty if it had none. */
  importedSn: string
  payType: string
  status: OrderStatus
  stockState: StockState
  /** Lines with equal goods merged, in goods-id order. */
  lines: ImportedLine[]
  address: string | null
  name: string | null
  mobile: string | null
  post: string | null
  /** Minor units. */
  total: number
  createdAt: string
  updatedAt: string
  /** Absent: half an hour after its creation. */
  payDeadline?: string
  paidAt?: string
  finishedAt?: string
  closedAt?: string
  closedFor?: ClosedFor
  deletedAt?: string
  /** Number of the payment at its provider; only if it was paid. */
  paymentId?: string
}

/** One goods of such an order. */
export interface ImportedLine {
  id: number
  goodsId: number
  name: string
  image: string
  /** Minor units, of one piece. */
  price: number
  num: number
}
