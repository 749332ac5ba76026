import fc from 'fast-check'

/** Kind of an order: what it asks for, and so how it has to end if nothing else befalls it. */
export type Kind = 'good' | 'cart' | 'scarce' | 'soldOut' | 'offSale' | 'unknown'

/** Each part of the stack that the supervisor starts again. */
const PARTS = ['worker', 'goods', 'inventory', 'user', 'starter', 'postgres', 'temporal'] as const

/** Event that befalls the run of an order, so many milliseconds after its request was sent. */
export interface Cut {
  how: 'cancel' | 'terminate'
  afterMs: number
}

/** One thing that happens in a story, and the time until the next; `back` counts from the latest order. */
export type Command = { pauseMs: number } & (
  | { do: 'order'; kind: Kind; user: number; num: number; cut: Cut | undefined }
  | { do: 'repeat' | 'reuse'; back: number }
  | { do: 'kill'; part: (typeof PARTS)[number] }
)

const pauseMs = fc.nat({ max: 100 })

const order = fc.record({
  do: fc.constant('order' as const),
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<Kind>('good', 'cart') },
    { weight: 1, arbitrary: fc.constantFrom<Kind>('scarce', 'soldOut', 'offSale', 'unknown') },
  ),
  user: fc.nat({ max: 9 }),
  num: fc.integer({ min: 1, max: 3 }),
  // As long as an order takes on a busy machine: some are cut at each of their steps.
  cut: fc.option(fc.record({ how: fc.constantFrom('cancel' as const, 'terminate' as const), afterMs: fc.nat({ max: 300 }) }), {
    nil: undefined,
    freq: 2,
  }),
  pauseMs,
})
const again = fc.record({ do: fc.constantFrom('repeat' as const, 'reuse' as const), back: fc.nat({ max: 3 }), pauseMs })
const kill = fc.record({ do: fc.constant('kill' as const), part: fc.constantFrom(...PARTS), pauseMs })

const orders = fc.oneof({ weight: 4, arbitrary: order }, { weight: 1, arbitrary: again })
const ordersAndKills = fc.oneof({ weight: 4, arbitrary: orders }, { weight: 1, arbitrary: kill })

/** Random stories: orders of few users, so that they meet. If parts are killed a story lasts ten times as long. */
export function stories({ kills }: { kills: boolean }): fc.Arbitrary<Command[]> {
  return fc.array<Command>(kills ? ordersAndKills : orders, { size: 'max', minLength: 8, maxLength: 14 })
}
