import type { GoodsInfoResponse } from '../../proto/generated/goods.ts'

/** Goods 1 to 200 exist. */
export const GOODS_COUNT = 200
/** Goods 196 to 200 are off sale. */
export const FIRST_OFF_SALE = 196
/** Goods 190 carry the highest price below which a float32 holds every cent: 131,071.99. */
export const DEAREST_GOODS = 190

const KINDS = [
  'Teapot',
  'Rice cooker',
  'Desk lamp',
  'Backpack',
  'Raincoat',
  'Notebook',
  'Fountain pen',
  'Umbrella',
  'Running shoes',
  'Wool scarf',
  'Thermos flask',
  'Cutting board',
  'Bath towel',
  'Alarm clock',
  'Headphones',
  'Chess set',
  'Watering can',
  'Picture frame',
  'Bicycle bell',
  'Tool box',
]
const COLOURS = ['white', 'black', 'red', 'blue', 'green', 'yellow', 'grey', 'brown', 'orange', 'violet']

/**
 * The shop's 200 goods by id, the same at every start. Their prices are as many minor units in every currency: 21.99 yuan, 2199 yen.
 * @param digits decimals of the currency's minor unit
 */
export function catalogue(digits: number): ReadonlyMap<number, GoodsInfoResponse> {
  return new Map(Array.from({ length: GOODS_COUNT }, (_, i) => [i + 1, describeGoods(i + 1, digits)]))
}

function describeGoods(id: number, digits: number): GoodsInfoResponse {
  const kind = (id - 1) % KINDS.length
  const name = `${KINDS[kind]}, ${COLOURS[Math.floor((id - 1) / KINDS.length)]}`
  const shopPrice = (id === DEAREST_GOODS ? 13_107_199 : 199 + ((id * 7_919) % 49_800)) / 10 ** digits
  const onSale = id < FIRST_OFF_SALE
  return {
    id,
    name,
    goodsSn: `G${String(id).padStart(6, '0')}`,
    stocks: 0, // the inventory's business
    marketPrice: shopPrice,
    shopPrice,
    goodsBrief: name,
    goodsDesc: `${name}. A reference goods of order-saga.`,
    images: [imageOf(id, 1), imageOf(id, 2)],
    descImages: [imageOf(id, 3)],
    goodsFrontImage: imageOf(id, 1),
    status: onSale ? 1 : 0,
    isHot: id % 10 === 0,
    isNew: id % 7 === 0,
    onSale,
    shipFree: id % 2 === 0,
    brandId: 1 + (id % 5),
    categoryIds: [1 + kind],
  }
}

function imageOf(id: number, n: number): string {
  return `https://images.shop.example/goods/${id}-${n}.jpg`
}
