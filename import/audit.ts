import type { PiecesHere } from '../store/imported/imported-stock.ts'
import type { HeldThere, HoldingKind, StockThere } from './mysql-audit.ts'

/** Result of the audit for one goods, in pieces. */
export interface AuditedGoods extends Record<HoldingKind, number> {
  goodsId: number
  /** Absent if the inventory was not asked, or does not know the goods. */
  stock?: number
  /** Pieces of closed and deleted orders that are owed from here, or were given back. */
  givenBack: number
  /** Sell and Reback calls that were applied, less one Sell of each order; absent if that is unknown. */
  unexplainedCalls?: number
  /** Pieces that were put in, according to the owner, less those in stock and those that orders hold; absent if nobody reported it. */
  unexplained?: number
}

/** Everything that the audit is computed from. */
export interface AuditInput {
  held: readonly HeldThere[]
  /** Absent: the inventory was not asked. */
  stock?: ReadonlyMap<number, StockThere>
  /** Pieces that the owner has ever put into the inventory, by goods id. */
  supplied?: ReadonlyMap<number, number>
  /** Absent: our store was not asked. */
  here?: ReadonlyMap<number, PiecesHere>
}

/** Computes for each goods, in the order of their ids, what orders explain, and what they don't. */
export function auditGoods({ held, stock, supplied, here }: AuditInput): AuditedGoods[] {
  const goods = new Map<number, AuditedGoods & { sells: number }>()
  const of = (goodsId: number) => {
    const known = goods.get(goodsId)
    if (known) return known
    const none = { paid: 0, unpaid: 0, overdue: 0, closed: 0, deleted: 0, unsold: 0, givenBack: 0, sells: 0 }
    const fresh = { goodsId, ...none }
    goods.set(goodsId, fresh)
    return fresh
  }
  for (const { goodsId, kind, orders, pieces } of held) {
    const one = of(goodsId)
    one[kind] += pieces
    if (kind !== 'unsold') one.sells += orders
  }
  for (const goodsId of supplied?.keys() ?? []) of(goodsId)
  const moved = [...(here?.values() ?? [])].some(({ placedHere, returned, owed }) => placedHere + returned + owed > 0)
  return [...goods.values()]
    .sort((a, b) => a.goodsId - b.goodsId)
    .map(({ sells, ...one }) => {
      const { stock: inStock, calls } = stock?.get(one.goodsId) ?? {}
      const given = here?.get(one.goodsId)
      const put = supplied?.get(one.goodsId)
      const holding = one.paid + one.unpaid + one.overdue + one.closed + one.deleted
      const explained = holding + (given?.placedHere ?? 0) - (given?.returned ?? 0)
      return {
        ...one,
        givenBack: (given?.returned ?? 0) + (given?.owed ?? 0),
        ...(inStock !== undefined && { stock: inStock }),
        // From here on calls are made for orders that the source does not know.
        ...(calls !== undefined && !moved && { unexplainedCalls: calls - sells }),
        ...(put !== undefined && inStock !== undefined && { unexplained: put - inStock - explained }),
      }
    })
}

/** Goods of which more are there than can be: somebody has given pieces back already, so that closed orders prove nothing. */
export function disproved(goods: readonly AuditedGoods[]): number[] {
  return goods.filter(({ unexplained = 0 }) => unexplained < 0).map(({ goodsId }) => goodsId)
}
