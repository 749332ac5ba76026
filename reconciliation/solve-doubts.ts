import type { Line } from '../contracts/order.ts'

/** One order in doubt: either all of its pieces are still counted as sold, or none. */
export interface Unknown {
  orderSn: string
  lines: readonly Line[]
}

/**
 * Solution of the equations for one order.
 * - `decided`: in every choice that explains the stock its pieces are sold, or in every one they are not
 * - `ambiguous`: some choices say so, others not
 * - `contradicted`: no choice explains the stock
 * - `unfinished`: there are more choices than were looked at
 */
export type Solution = { kind: 'decided'; isSold: boolean } | { kind: 'ambiguous' | 'contradicted' | 'unfinished' }

/** Number of choices that are looked at for orders that share goods, at most. */
const MAX_CHOICES = 20_000

/** Value of each order of a component: sold, not sold, or not chosen yet. */
type Choice = (boolean | undefined)[]

/** One goods: its missing pieces are the sum of those of the orders that are sold. */
interface Sum {
  missing: number
  terms: { order: number; num: number }[]
}

/**
 * Finds which orders in doubt must be sold and which can't be, so that of every goods exactly the missing pieces are sold.
 * @param missing pieces by goods id; goods that are not named here say nothing, and an order of such goods alone gets no solution
 */
export function solveDoubts(
  unknowns: readonly Unknown[],
  missing: ReadonlyMap<number, number>,
  maxChoices = MAX_CHOICES,
): Map<string, Solution> {
  const solutions = new Map<string, Solution>()
  for (const component of componentsOf(unknowns, missing)) {
    const solved = solveComponent(component, missing, maxChoices)
    for (const [i, { orderSn }] of component.entries()) solutions.set(orderSn, solved[i] as Solution)
  }
  return solutions
}

/** Orders that share goods, directly or by others: each component is a question of its own. */
function componentsOf(unknowns: readonly Unknown[], missing: ReadonlyMap<number, number>): Unknown[][] {
  const byGoods = new Map<number, Unknown[]>()
  const goodsOf = ({ lines }: Unknown) => lines.flatMap(({ goodsId }) => (missing.has(goodsId) ? [goodsId] : []))
  for (const unknown of unknowns) {
    for (const goodsId of goodsOf(unknown)) byGoods.set(goodsId, [...(byGoods.get(goodsId) ?? []), unknown])
  }
  const seen = new Set<Unknown>()
  const components: Unknown[][] = []
  for (const first of unknowns) {
    if (seen.has(first) || goodsOf(first).length === 0) continue
    seen.add(first)
    const component = [first]
    for (const member of component) {
      for (const neighbour of goodsOf(member).flatMap((goodsId) => byGoods.get(goodsId) ?? [])) {
        if (seen.has(neighbour)) continue
        seen.add(neighbour)
        component.push(neighbour)
      }
    }
    components.push(component)
  }
  return components
}

function solveComponent(orders: readonly Unknown[], missing: ReadonlyMap<number, number>, maxChoices: number): Solution[] {
  const sums = sumsOf(orders, missing)
  let choicesLeft = maxChoices
  const all = (solution: Solution) => orders.map(() => solution)

  const one = satisfy(orders.map(() => undefined))
  if (one === 'unfinished') return all({ kind: 'unfinished' })
  if (!one) return all({ kind: 'contradicted' })

  const solved: (Solution | undefined)[] = orders.map(() => undefined)
  for (const [order, isSold] of one.entries()) {
    if (solved[order]) continue
    const other = satisfy(orders.map((_, i) => (i === order ? !isSold : undefined)))
    if (other === 'unfinished') solved[order] = { kind: 'unfinished' }
    else if (!other) solved[order] = { kind: 'decided', isSold }
    else {
      for (const [i, value] of other.entries()) if (value !== one[i]) solved[i] = { kind: 'ambiguous' }
    }
  }
  return solved.map((solution) => solution ?? { kind: 'unfinished' })

  /** Completes a choice. @returns `undefined` if none explains the stock */
  function satisfy(choice: Choice): boolean[] | 'unfinished' | undefined {
    if (choicesLeft-- <= 0) return 'unfinished'
    if (!propagate(sums, choice)) return undefined
    const open = choice.indexOf(undefined)
    if (open < 0) return choice as boolean[]
    for (const isSold of [true, false]) {
      const found = satisfy(choice.with(open, isSold))
      if (found) return found
    }
    return undefined
  }
}

function sumsOf(orders: readonly Unknown[], missing: ReadonlyMap<number, number>): Sum[] {
  const sums = new Map<number, Sum>()
  for (const [order, { lines }] of orders.entries()) {
    for (const { goodsId, num } of lines) {
      const pieces = missing.get(goodsId)
      if (pieces === undefined) continue
      const sum = sums.get(goodsId) ?? { missing: pieces, terms: [] }
      sum.terms.push({ order, num })
      sums.set(goodsId, sum)
    }
  }
  return [...sums.values()]
}

/** Chooses what follows from what is chosen, in place. @returns false if nothing can follow any more */
function propagate(sums: readonly Sum[], choice: Choice): boolean {
  for (let changed = true; changed; ) {
    changed = false
    for (const { missing, terms } of sums) {
      let left = missing
      let open = 0
      for (const { order, num } of terms) {
        if (choice[order]) left -= num
        else if (choice[order] === undefined) open += num
      }
      if (left < 0 || left > open) return false
      for (const { order, num } of terms) {
        if (choice[order] !== undefined) continue
        if (num <= left && open - num >= left) continue
        // Without it too few pieces are left, or with it too many are gone.
        choice[order] = num <= left
        changed = true
        break
      }
    }
  }
  return true
}
