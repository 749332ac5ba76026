import { type Exploration, explore, type Model, printTrace } from '../checker.ts'
import { feed } from './feed.ts'
import { life } from './life.ts'
import type { LifeSafeguards } from './safeguards.ts'
import { LIFE_SCENARIOS } from './scenarios.ts'
import { unkeyed } from './unkeyed.ts'
import { unkeyedSale } from './unkeyed-sale.ts'

/** An exploration, and how it went wrong, as text. */
export type Explored = Pick<Exploration<unknown>, 'states' | 'steps' | 'quiet'> & { violated?: string; trace: string }

/** All worlds of the life of orders: those of the row, the stock without keys (its sale too), and the feed of events. */
export const LIFE_WORLDS = {
  payments: (safeguards: LifeSafeguards) => explored(life(LIFE_SCENARIOS.payments(safeguards))),
  requests: (safeguards: LifeSafeguards) => explored(life(LIFE_SCENARIOS.requests(safeguards))),
  deadline: (safeguards: LifeSafeguards) => explored(life(LIFE_SCENARIOS.deadline(safeguards))),
  giveBack: (safeguards: LifeSafeguards) => explored(life(LIFE_SCENARIOS.giveBack(safeguards))),
  unkeyed: (safeguards: LifeSafeguards) => explored(unkeyed(safeguards)),
  unkeyedSale: (safeguards: LifeSafeguards) => explored(unkeyedSale(safeguards)),
  feed: (safeguards: LifeSafeguards) => explored(feed(safeguards)),
} satisfies Record<string, (safeguards: LifeSafeguards) => Explored>

function explored<State>(model: Model<State>): Explored {
  const { violation, states, steps, quiet } = explore(model)
  const sizes = { states, steps, quiet }
  if (!violation) return { ...sizes, trace: 'nothing was violated' }
  return { ...sizes, violated: violation.invariant, trace: printTrace(model, violation) }
}
