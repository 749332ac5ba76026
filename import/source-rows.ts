/** Rows of the source as they are there: texts and times as texts, floats as the doubles that equal them. */

/** Row of `order_info`. */
export interface SourceOrder {
  id: number
  user: number | null
  orderSn: string | null
  payType: string | null
  status: string | null
  tradeNo: string | null
  total: number | null
  /** Local times; `null` also for those that are none (`0000-00-00`). */
  createdAt: string | null
  updatedAt: string | null
  deletedAt: string | null
  payTime: string | null
  payDeadline: string | null
  address: string | null
  name: string | null
  mobile: string | null
  post: string | null
}

/** Row of `order_goods` that is not deleted. */
export interface SourceLine {
  id: number
  orderId: number
  goods: number | null
  name: string | null
  image: string | null
  price: number | null
  nums: number | null
}

/** Row of `shopping_cart` that is not deleted. */
export interface SourceCartRow {
  id: number
  user: number | null
  goods: number | null
  name: string | null
  image: string | null
  /** Decimal number as a text. */
  price: string | null
  nums: number | null
  checked: number | null
  updatedAt: string | null
}
