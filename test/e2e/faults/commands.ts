import fc from 'fast-check'

/** What an order asks for, and with it how it has to end where nothing else befalls it. */
export const KINDS = ['good', 'cart', 'scarce', 'soldOut', 'offSale', 'unknown'] as const
export type Kind = (typeof KINDS)[number]

/** Each part of the stack that the supervisor starts again. */
export const PARTS = ['worker', 'goods', 'inventory', 'user', 'starter', 'postgres', 'temporal'] as const

/** One thing that happens in a story; `of` counts the orders before it, modulo their number. */
export type Command = { pauseMs: number } & (
  | { do: 'order'; kind: Kind; user: number; num: number }
  | { do: 'repeat' | 'reuse' | 'cancel' | 'terminate'; of: number }
  | { do: 'kill'; part: (typeof PARTS)[number] }
)

/** Random stories: orders of few users, so that they meet, with faults at random moments. */
export function stories(): fc.Arbitrary<Command[]> {
  const pauseMs = fc.nat({ max: 150 })
  const order = fc.record({
    do: fc.constant('order' as const),
    kind: fc.oneof({ weight: 4, arbitrary: fc.constant('good' as const) }, { weight: 6, arbitrary: fc.constantFrom(...KINDS) }),
    user: fc.nat({ max: 3 }),
    num: fc.integer({ min: 1, max: 3 }),
    pauseMs,
  })
  const again = fc.record({ do: fc.constantFrom('repeat', 'repeat', 'reuse', 'cancel', 'terminate'), of: fc.nat(), pauseMs })
  const kill = fc.record({ do: fc.constant('kill' as const), part: fc.constantFrom(...PARTS), pauseMs })
  const command = fc.oneof(
    { weight: 6, arbitrary: order },
    { weight: 4, arbitrary: again },
    { weight: 1, arbitrary: kill },
  ) as fc.Arbitrary<Command>
  return fc.tuple(order, fc.array(command, { minLength: 6, maxLength: 10 })).map(([first, rest]) => [first, ...rest])
}
