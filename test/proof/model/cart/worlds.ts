import { type Exploration, explore, printTrace } from '../checker.ts'
import { type CartSetting, cartKeys } from './cart-keys.ts'
import type { CartSafeguards } from './safeguards.ts'

/** Settings of the worlds, each small enough for all of its states. */
const SETTINGS = {
  /** Clicks and repeats of one request, and refusals. */
  clicks: { requests: ['A', 'A', 'A', 'A'], edits: 0, refusals: 3 },
  /** Two clicks, and a cart that is edited before, between and behind them. */
  editedCart: { requests: ['A', 'A'], edits: 2, refusals: 1 },
  /** Two tabs with an address each, and an edit. */
  tabs: { requests: ['A', 'A', 'B'], edits: 1, refusals: 0 },
  /** The same, and refusals. */
  refusedTabs: { requests: ['A', 'A', 'B', 'B'], edits: 0, refusals: 1 },
} satisfies Record<string, CartSetting>

type Explored = Pick<Exploration<unknown>, 'states' | 'steps' | 'quiet'> & { violated?: string; trace: string }

/** The worlds of cart orders without an Idempotency-Key. */
export const CART_WORLDS = {
  clicks: (safeguards: CartSafeguards) => explored(SETTINGS.clicks, safeguards),
  editedCart: (safeguards: CartSafeguards) => explored(SETTINGS.editedCart, safeguards),
  tabs: (safeguards: CartSafeguards) => explored(SETTINGS.tabs, safeguards),
  refusedTabs: (safeguards: CartSafeguards) => explored(SETTINGS.refusedTabs, safeguards),
}

function explored(setting: CartSetting, safeguards: CartSafeguards): Explored {
  const model = cartKeys(setting, safeguards)
  const { violation, states, steps, quiet } = explore(model)
  const sizes = { states, steps, quiet }
  if (!violation) return { ...sizes, trace: 'nothing was violated' }
  return { ...sizes, violated: violation.invariant, trace: printTrace(model, violation) }
}
