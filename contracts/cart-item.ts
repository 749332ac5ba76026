import { anyText, FLAG, ID, INSTANT, oneOf, QUANTITY } from './kinds.ts'
import { MAX_LINES } from './limits.ts'
import { MONEY } from './money.ts'
import { body, ifKnown, list, optional, type Schema, type TypeOf } from './schema.ts'

const CHECKED: Schema<boolean> = { ...FLAG, json: { ...FLAG.json, description: 'Only checked items are ordered.' } }

/**
 * Changes of goods since they were put into a cart.
 * - `gone`: the shop does not know them any more
 * - `off_sale`: they are not sold at present
 * - `without_price`: they have no exact price at present, and can not be ordered
 * - `dearer`, `cheaper`: their price is another
 * - `other_currency`: so is its currency
 */
const CART_CHANGES = ['gone', 'off_sale', 'without_price', 'dearer', 'cheaper', 'other_currency'] as const
export type CartChange = (typeof CART_CHANGES)[number]

/** Goods in a cart, and what they were when they were put there: that is shown, and an order asks anew. */
export const CART_ITEM = body(
  'CartItem',
  {
    goodsId: ID,
    num: QUANTITY,
    checked: CHECKED,
    name: ifKnown(anyText()),
    image: ifKnown(anyText()),
    /** Price of one piece when they were put into the cart. */
    price: ifKnown(MONEY),
    /** Moment at which they were last put into the cart. */
    addedAt: ifKnown(INSTANT),
    change: ifKnown(oneOf(CART_CHANGES, 'How the goods have changed since; absent if they have not, or were not compared.')),
    /** Price of one piece now, if the goods were compared. */
    priceNow: ifKnown(MONEY),
  },
  {
    description:
      'Name, image and price are those of the moment at which the goods were put into the cart; priceNow is what an order would pay.',
    examples: [
      {
        ...{ goodsId: 1, num: 2, checked: true, name: 'Tea', image: 'https://shop.example/tea.png' },
        ...{ price: { amount: 2_700, currency: 'CNY' }, addedAt: '2030-01-01T00:00:00.000Z' },
        ...{ change: 'dearer', priceNow: { amount: 2_900, currency: 'CNY' } },
      },
    ],
  },
)
export type CartItem = TypeOf<typeof CART_ITEM>

/** A cart, in goods-id order. */
export const CART = body('Cart', {
  items: list(CART_ITEM, { maxItems: MAX_LINES }),
  compared: {
    ...FLAG,
    json: { ...FLAG.json, description: 'False if the goods service could not be asked how the goods have changed.' },
  } as Schema<boolean>,
})

/** Quantity, and whether it is checked, of the goods that the path names. */
export const CART_ITEM_REQUEST = body(
  'CartItemRequest',
  { num: QUANTITY, checked: optional(CHECKED, { default: true }) },
  { additionalProperties: false, examples: [{ num: 2 }] },
)

/** Goods that are added to a cart. */
export const CART_ADDITION = body(
  'CartAddition',
  { goodsId: ID, num: QUANTITY },
  { additionalProperties: false, examples: [{ goodsId: 1, num: 2 }] },
)

/** Change of an item; what is left out stays. */
export const CART_ITEM_CHANGE = body(
  'CartItemChange',
  { num: optional(QUANTITY), checked: optional(CHECKED) },
  { additionalProperties: false, minProperties: 1, examples: [{ num: 3 }, { checked: false }] },
)
export type CartItemChange = TypeOf<typeof CART_ITEM_CHANGE>
