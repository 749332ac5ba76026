import { RULES, type RuleName } from './rules.ts'

/** Sums and names of an import: what became of every row of the source. */
export class Report {
  readonly #ids = new Map<RuleName, number[]>()
  /** Orders that were written, taken anew, found as they are, and left out. */
  readonly orders = { new: 0, again: 0, same: 0, leftOut: 0 }
  /** Carts of users: written, found as they are, left out. */
  readonly carts = { new: 0, same: 0, leftOut: 0 }

  /** Names rows of the source that met a rule. */
  add(rule: RuleName, ids: readonly number[]): void {
    const named = this.#ids.get(rule)
    if (named) for (const id of ids) named.push(id)
    else if (ids.length > 0) this.#ids.set(rule, [...ids])
  }

  /** Ids of the rows that met a rule, in the order in which they were read. */
  idsOf(rule: RuleName): readonly number[] {
    return this.#ids.get(rule) ?? []
  }

  /** Reports whether a row was left out for what it is; rows that were deleted there are no loss. */
  leavesOut(): boolean {
    const deleted: RuleName[] = ['cart-deleted', 'line-deleted']
    return [...this.#ids.keys()].some((rule) => !RULES[rule].taken && !deleted.includes(rule))
  }

  /** Everything in words, the rows that were left out first; every row that met a rule is named. */
  text({ dryRun }: { dryRun: boolean }): string {
    const { orders, carts } = this
    const done = dryRun ? 'would be imported' : 'imported'
    const named = (Object.keys(RULES) as RuleName[]).filter((rule) => this.#ids.has(rule))
    const part = (head: string, taken: boolean) => {
      const some = named.filter((rule) => RULES[rule].taken === taken)
      return some.length === 0 ? [] : ['', head, ...some.map((rule) => this.#line(rule))]
    }
    return [
      `orders: ${figure(orders.new)} ${done}, ${figure(orders.again)} of before taken anew, ${figure(orders.same)} here already, ${figure(orders.leftOut)} left out`,
      `carts: ${figure(carts.new)} ${done}, ${figure(carts.same)} here already, ${figure(carts.leftOut)} left out`,
      ...part('Left out:', false),
      ...part('Taken, though not as they were:', true),
    ].join('\n')
  }

  #line(rule: RuleName): string {
    const ids = this.idsOf(rule)
    const { of, what } = RULES[rule]
    return `  ${rule}: ${figure(ids.length)} ${of}${ids.length === 1 ? '' : 's'}: ${what}\n    ${ranges(ids)}`
  }
}

/** A number as people read it. */
export function figure(count: number): string {
  return count.toLocaleString('en-US')
}

/** Ids in their order, those that follow each other as ranges. */
export function ranges(ids: readonly number[]): string {
  const texts: string[] = []
  const sorted = [...new Set(ids)].sort((a, b) => a - b)
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i] as number
    while (sorted[i + 1] === (sorted[i] as number) + 1) i++
    const last = sorted[i] as number
    texts.push(last === first ? `${first}` : `${first}-${last}`)
  }
  return texts.join(', ')
}
