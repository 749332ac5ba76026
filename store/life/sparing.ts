import { classOf } from '../failures.ts'

/** Result of a statement about many orders of which some may fail by themselves. */
export interface Spared {
  /** Answers of the statement for all others. */
  done: string[]
  /** The orders that it fails for, each with its error. */
  failed: { orderSn: string; error: unknown }[]
}

/**
 * Runs a statement about many orders. If one of them makes it fail, it is run for halves of them, and so on: that order is left out alone, and
 * holds up no other.
 * @param statement answers some of the numbers that it is given
 * @throws the database's error if the database itself is away
 */
export async function sparing(orderSns: string[], statement: (some: string[]) => Promise<string[]>): Promise<Spared> {
  try {
    return { done: orderSns.length > 0 ? await statement(orderSns) : [], failed: [] }
  } catch (error) {
    if (classOf(error) === 'away') throw error
    const [orderSn, ...others] = orderSns
    if (orderSn === undefined || others.length === 0)
      return { done: [], failed: orderSns.map((one) => ({ orderSn: one, error })) }
    const half = Math.ceil(orderSns.length / 2)
    const first = await sparing(orderSns.slice(0, half), statement)
    const second = await sparing(orderSns.slice(half), statement)
    return { done: [...first.done, ...second.done], failed: [...first.failed, ...second.failed] }
  }
}
