import type { NamedRequest } from '../../../contracts/create-order.ts'
import { mergeLines } from '../../../contracts/order.ts'
import { RECIPIENT } from '../../e2e/shop.ts'
import { Draw } from './draw.ts'
import { type PlannedLife, plannedLife } from './planned-life.ts'

/** Kind of an order: what it asks for, and so how it has to end if nothing else befalls it. */
export type OrderKind = 'good' | 'hot' | 'cart' | 'scarce' | 'soldOut' | 'offSale' | 'unknownGoods' | 'unknownUser'

/** Orders of a hundred; most of a shop's are good ones, and each way to be refused is met hundreds of times in 20,000. */
const KINDS: Record<OrderKind, number> = {
  good: 62,
  hot: 14,
  cart: 8,
  scarce: 3,
  soldOut: 4,
  offSale: 4,
  unknownGoods: 3,
  unknownUser: 2,
}
/** The reference inventory has 0 pieces of goods 191, and 1 to 4 of 192 to 195; 200 are off sale, 999 do not exist. */
export const HOT_GOODS = 1
const PLENTY = { from: 2, to: 185 }
const SCARCE: [number, ...number[]] = [192, 193, 194, 195]
const SOLD_OUT = 191
const OFF_SALE = 200
const UNKNOWN_GOODS = 999
const UNKNOWN_USER = 900_000
/** The reference directory's users; the last of them order by cart, one order at a time (customers.ts). */
const USERS = 440
export const CART_USERS = { from: 441, to: 500 }

/** The express lane takes most of the orders; a run for each would ask too much of two cores. */
const BY_LANE = 0.94

export interface PlannedOrder {
  kind: OrderKind
  /** Request of the order. For a cart order it lacks user and lines: the customers know which cart is free. */
  request: NamedRequest
  starter: 'lane' | 'single'
  /** Intervention in the run of the order, so long after its request. Milliseconds. */
  cut?: { how: 'cancel' | 'terminate'; afterMs: number }
  /** The same request once more: beside the first one, long after its answer, or with another body after it was created. */
  again?: { how: 'at once' | 'later' | 'other body'; afterMs: number }
  /** The customer asks once, and is not there for a second time. */
  hangsUp: boolean
  life: PlannedLife
}

/** The order of this place in the run of this seed. */
export function plannedOrder(seed: number, place: number): PlannedOrder {
  const draw = new Draw(seed, place)
  const kind = draw.weighted(KINDS)
  const userId = kind === 'unknownUser' ? UNKNOWN_USER + draw.below(1_000) : draw.between(1, USERS)
  const goods = () => draw.between(PLENTY.from, PLENTY.to)
  const line = (goodsId: number) => ({ goodsId, num: draw.between(1, 3) })
  const wanted: Record<OrderKind, () => number[]> = {
    good: () => Array.from({ length: draw.between(1, 4) }, goods),
    hot: () => [HOT_GOODS],
    cart: () => [],
    scarce: () => [goods(), draw.oneOf(SCARCE)],
    soldOut: () => [goods(), SOLD_OUT],
    offSale: () => [goods(), OFF_SALE],
    unknownGoods: () => [goods(), UNKNOWN_GOODS],
    unknownUser: () => [goods()],
  }
  const lines = mergeLines(wanted[kind]().map(line))
  const order = { userId, requestId: `chaos-${seed}-${place}`, ...RECIPIENT, ...(kind !== 'cart' && { lines }) }
  // As long as an order takes on a busy machine: some are cut at each of their steps.
  const cut = draw.chance(0.03) && {
    how: draw.chance(0.7) ? ('cancel' as const) : ('terminate' as const),
    afterMs: draw.below(300),
  }
  const again = draw.chance(0.1) && {
    how: draw.oneOf(['at once', 'at once', 'later', 'other body']),
    afterMs: draw.between(1_000, 30_000),
  }
  return {
    kind,
    request: order,
    starter: draw.chance(BY_LANE) ? 'lane' : 'single',
    ...(cut && { cut }),
    ...(again && { again }),
    hangsUp: draw.chance(0.1),
    life: plannedLife(seed, place),
  }
}
