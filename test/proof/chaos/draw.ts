/** Numbers that seeds determine: the same seeds, the same numbers in the same order (Marsaglia's xorshift32). */
export class Draw {
  #state = 0x9e3779b9

  constructor(...seeds: number[]) {
    for (const seed of seeds) {
      // Knuth's multiplicative hash: neighbouring seeds have to begin far apart.
      this.#state = Math.imul(this.#state ^ (seed + 1), 0x9e3779b1)
      this.#state ^= this.#state >>> 15
      this.#state ||= 1 // the generator never leaves 0
      this.#next()
    }
  }

  /** An integer from 0 to below the bound. */
  below(bound: number): number {
    return this.#next() % bound
  }

  /** An integer, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** @param share from 0 to 1 */
  chance(share: number): boolean {
    return this.#next() / 2 ** 32 < share
  }

  oneOf<const T>(all: readonly [T, ...T[]]): T {
    return all[this.below(all.length)] as T
  }

  /** One of the names, as often as its weight says, a whole number. */
  weighted<Name extends string>(weights: Record<Name, number>): Name {
    const names = Object.keys(weights) as Name[]
    return this.oneOf(names.flatMap((name) => new Array<Name>(weights[name]).fill(name)) as [Name, ...Name[]])
  }

  #next(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return this.#state >>> 0
  }
}
