import { FLAG, ID, QUANTITY } from './kinds.ts'
import { MAX_LINES } from './limits.ts'
import { body, list, optional, type Schema, type TypeOf } from './schema.ts'

const CHECKED: Schema<boolean> = { ...FLAG, json: { ...FLAG.json, description: 'Only checked items are ordered.' } }

/** Goods in a cart. */
export const CART_ITEM = body(
  'CartItem',
  { goodsId: ID, num: QUANTITY, checked: CHECKED },
  { examples: [{ goodsId: 1, num: 2, checked: true }] },
)
export type CartItem = TypeOf<typeof CART_ITEM>

/** A cart, in goods-id order. */
export const CART = body('Cart', { items: list(CART_ITEM, { maxItems: MAX_LINES }) })

/** Changes to the goods that the path names. */
export const CART_ITEM_REQUEST = body(
  'CartItemRequest',
  { num: QUANTITY, checked: optional(CHECKED, { default: true }) },
  { additionalProperties: false, examples: [{ num: 2 }] },
)
