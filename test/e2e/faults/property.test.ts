import fc from 'fast-check'
import { type TestStack, testStack } from '../../support/stack.ts'
import { StockEquation } from '../stock.ts'
import { stories } from './commands.ts'
import { Story } from './story.ts'

/** More stories, and others, by hand: `RUNS=200 SEED=7 npx mocha test/e2e/faults/property.test.ts`. */
const RUNS = Number(process.env.RUNS ?? 15)
const SEED = Number(process.env.SEED ?? 20_240_601)
/** No new story begins after that, unless one asked for their number. Milliseconds. */
const BOUND_MS = process.env.RUNS ? Number.POSITIVE_INFINITY : 30_000

describe('any sequence of orders', function () {
  if (process.env.RUNS) this.timeout(0)
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })

  after(async () => {
    await new Story(stack).assertServed()
  })

  for (const kills of [false, true]) {
    const what = kills ? 'and whatever part is killed' : 'of any kind, repeated, cancelled and terminated at any moment'
    it(`${what}, leaves no stock lost or sold twice and no answer untrue`, async () => {
      const equation = await StockEquation.of(stack, Story.GOODS_IDS)
      const last = Date.now() + BOUND_MS
      await fc.assert(
        fc.asyncProperty(stories({ kills }), async (commands) => {
          if (Date.now() > last) return
          const story = new Story(stack)
          await story.tell(commands)
          await equation.assertHolds()
          await story.assertTrue()
          // Asking again may have created what nobody had heard of before.
          await equation.assertHolds()
        }),
        // To shrink it would take minutes of faults, and not meet the same moments.
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      )
    })
  }
})
