import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { explore, type Model, printTrace, QUIET_REACHABLE } from './checker.ts'
import { protocol } from './protocol.ts'
import { SAFEGUARDS, type Safeguard, safeguardsWithout } from './safeguards.ts'
import { SCENARIOS } from './scenarios.ts'

type Scenario = keyof typeof SCENARIOS

const STOCK_LEAKS = 'when quiet, stock and confirmed units make the initial stock'
const LEFT_CREATING = 'when quiet, nothing is left CREATING'
const COUPON_OWED = 'when quiet, no coupon is owed'
const LEFT_OWED = 'when quiet, no Reback is owed'
const PAYING_UNSOLD = 'what is PAYING is SOLD'

/**
 * Effect of removing each safeguard alone: what breaks first, and in which scenario; `holds` names what else stands in for it
 * there.
 */
const REMOVALS: Record<Safeguard, { in: Scenario; breaks: string } | { in: Scenario; holds: string }> = {
  settleBeforeOpen: { in: 'twice', breaks: LEFT_CREATING },
  closedRowWhereAbsent: { in: 'twice', breaks: LEFT_CREATING },
  closedRowOfRefused: { in: 'rivalLanes', breaks: LEFT_CREATING },
  laneRebacks: { in: 'express', breaks: LEFT_OWED },
  laneHandsOverMet: {
    in: 'expressTwice',
    holds: 'every void owes a Reback, and whoever confirms or gives back is keyed',
  },
  laneHandsOverOwed: { in: 'express', breaks: LEFT_OWED },
  tombstone: { in: 'twice', breaks: STOCK_LEAKS },
  confirmConditional: { in: 'twice', breaks: PAYING_UNSOLD },
  voidBeforeReback: { in: 'twice', breaks: PAYING_UNSOLD },
  voidAlwaysOwes: { in: 'twice', breaks: STOCK_LEAKS },
  rebackAsTheRowSays: { in: 'twice', breaks: LEFT_OWED },
  derivedNumber: { in: 'twice', breaks: QUIET_REACHABLE },
  recordedBeforeTold: { in: 'recorded', breaks: 'who was told that an order is under way has it' },
  sellAsTheRowSays: { in: 'stranger', breaks: STOCK_LEAKS },
  rebackAsTheRowOwes: { in: 'stranger', breaks: PAYING_UNSOLD },
  voidLeavesAnswered: { in: 'setBack', breaks: 'who was answered an order has it' },
  owedIsASet: { in: 'both', breaks: COUPON_OWED },
  uniqueRequest: { in: 'twice', holds: 'equal requests have equal order numbers, which are unique too' },
}

describe('the protocol of both lanes, in all of its states', () => {
  for (const scenario of Object.keys(SCENARIOS) as Scenario[]) {
    it(`keeps every promise: ${scenario}`, () => {
      const { violated, quiet } = outcome(scenario)
      assert.equal(violated, undefined)
      assert.ok(quiet > 1, 'a world that is quiet at the start only promises nothing')
    })
  }

  for (const [name, removal] of Object.entries(REMOVALS) as [Safeguard, (typeof REMOVALS)[Safeguard]][]) {
    if ('holds' in removal) {
      it(`holds all the same if ${SAFEGUARDS[name].split('; ')[0]} no longer: ${removal.holds}`, () => {
        assert.equal(outcome(removal.in, name).violated, undefined)
      })
    } else {
      it(`needs that ${SAFEGUARDS[name].split('; ')[0]}: else "${removal.breaks}" is broken`, () => {
        const { violated, trace } = outcome(removal.in, name)
        assert.equal(violated, removal.breaks, trace)
      })
    }
  }

  it('would create two orders of one request, if numbers were made by the run and the store did not refuse the second', () => {
    assert.equal(outcome('twice', 'derivedNumber', 'uniqueRequest').violated, 'one request confirms one order')
  })

  for (const [file, story, scenario, removed] of [
    ['tombstone', 'a Sell that comes after its Reback, and no tombstone', 'twice', 'tombstone'],
    ['reback-of-a-standing-order', 'somebody runs Reback by itself', 'stranger', 'rebackAsTheRowOwes'],
    ['void-owes-nothing', 'who closes the order is not who sold it', 'expressTwice', 'voidAlwaysOwes'],
  ] as const) {
    it(`tells a violation as a story: ${story}`, async () => {
      const told = await readFile(new URL(`./traces/${file}.txt`, import.meta.url), 'utf8')
      assert.equal(outcome(scenario, removed).trace, told)
    })
  }
})

describe('the checker', () => {
  /** Counts up by one or two; `end` is where it stops, and quiet. */
  const counter = (part: Partial<Model<number>>): Model<number> => ({
    initial: 0,
    steps: (n) => (n < 9 ? [1, 2].map((by) => ({ label: `add ${by}`, state: n + by })) : []),
    encode: String,
    describe: String,
    isQuiet: (n) => n >= 9,
    always: {},
    whenQuiet: {},
    ...part,
  })

  it('visits every state once, over every step', () => {
    assert.deepEqual(explore(counter({})), { states: 11, steps: 18, quiet: 2 })
  })

  it('finds a shortest trace', () => {
    const { violation } = explore(counter({ always: { 'never 6': (n) => n !== 6 } }))
    assert.deepEqual(
      violation?.trace.map(({ state }) => state),
      [0, 2, 4, 6],
    )
    assert.equal(violation.invariant, 'never 6')
  })

  it('holds what must be true when quiet against quiet states only', () => {
    const { violation } = explore(counter({ whenQuiet: { 'never 4 or 10': (n) => n !== 4 && n !== 10 } }))
    assert.equal(violation?.trace.at(-1)?.state, 10)
  })

  it('finds the nearest state from which no quiet one can be reached, and does not count on an operator', () => {
    const { violation } = explore(
      counter({
        steps: (n) => {
          if (n === 5) return [{ label: 'mend', state: 9, byHand: true }]
          return n < 9 ? [{ label: 'add', state: n + 1 }, ...(n === 2 ? [{ label: 'skip', state: 6 }] : [])] : []
        },
      }),
    )
    assert.equal(violation?.invariant, QUIET_REACHABLE)
    assert.deepEqual(
      violation.trace.map(({ state }) => state),
      [0, 1, 2, 3],
    )
  })

  it('refuses a model that never ends', () => {
    const endless = counter({ steps: (n) => [{ label: 'add', state: n + 1 }] })
    assert.throws(() => explore(endless, 1_000), RangeError)
  })
})

function outcome(scenario: Scenario, ...removed: Safeguard[]) {
  const model = protocol(SCENARIOS[scenario](safeguardsWithout(...removed)))
  const { violation, quiet } = explore(model)
  const trace = violation ? printTrace(model, violation) : 'nothing was violated'
  return { violated: violation?.invariant, trace, quiet }
}
