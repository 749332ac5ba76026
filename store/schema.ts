import type { ColumnType } from 'kysely'
import type { FailureDetails, FailureType } from '../contracts/failures.ts'
import type { Line, OrderStatus, StockState } from '../contracts/order.ts'

type Timestamp = ColumnType<Date, Date | undefined, Date>
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>

/** One row per request, from the intent to the end; never deleted. */
export interface OrdersTable {
  order_sn: string
  user_id: number
  request_id: string
  fingerprint: string
  status: OrderStatus
  stock_state: StockState
  from_cart: boolean
  /** What is asked for; `null` only where a row was inserted closed, before any line was known. */
  lines: Line[] | null
  address: string | null
  name: string | null
  mobile: string | null
  post: string | null
  workflow_id: string
  /** Minor units. */
  total: number | null
  currency: string | null
  pay_deadline: NullableTimestamp
  confirmed_at: NullableTimestamp
  refusal_type: FailureType | null
  refusal_code: number | null
  refusal_message: string | null
  refusal_details: FailureDetails | null
  created_at: Timestamp
  updated_at: Timestamp
}

export interface OrderLinesTable {
  order_sn: string
  goods_id: number
  name: string
  image: string
  /** Minor units, of one piece. */
  price: number
  num: number
}

export interface CartItemsTable {
  user_id: number
  goods_id: number
  num: number
  checked: boolean
}

export interface Schema {
  orders: OrdersTable
  order_lines: OrderLinesTable
  cart_items: CartItemsTable
}
