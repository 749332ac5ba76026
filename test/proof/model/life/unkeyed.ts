import type { Model, Step } from '../checker.ts'
import type { LifeSafeguards } from './safeguards.ts'

/** A run that gives back one closed order; it ends at any point. */
interface Giver {
  /** `send`: has the permit; `calls`: waits for the answer; `record`: has one that proves something; `doubt`: has none, or met a mark. */
  at: 'idle' | 'send' | 'calls' | 'recordApplied' | 'recordNot' | 'doubt'
  /** The mark that it set or met, by number. */
  mark: number
  /** True if it is taken for dead, and goes on. */
  isLost: boolean
}

/** Stock of one order that was closed after it was sold, at an inventory without keys. */
export interface Unkeyed {
  /** The row: `returning` with a mark is a Reback that was sent. */
  stock: 'returning' | 'returned' | 'in_doubt'
  /** Number of the mark; 0: none. */
  mark: number
  /** Number of the last mark that was set. */
  marks: number
  /** Number of Rebacks that were applied. */
  applied: number
  /** Number of calls that may arrive yet, and that nobody waits for. */
  astray: number
  givers: readonly Giver[]
  /** True if a call was given up without an answer, or a run ended between its mark and its record. */
  wasCutOff: boolean
}

const GIVERS = ['run A', 'run B']
/** Marks beyond these would show no other harm. */
const MOST_MARKS = 4

/**
 * Giving back at an inventory without keys (store/unkeyed-stock.ts, activities/unkeyed-inventory.ts): a Reback arrives once, later, or never;
 * its answer proves that it was applied, that it was not, or nothing.
 */
export function unkeyed(safeguards: LifeSafeguards): Model<Unkeyed> {
  const idle: Giver = { at: 'idle', mark: 0, isLost: false }

  function giverSteps(world: Unkeyed, i: number): Step<Unkeyed>[] {
    const { at, isLost } = world.givers[i] as Giver
    const lost = { ...world, givers: world.givers.with(i, { ...(world.givers[i] as Giver), isLost: true }), wasCutOff: true }
    const canBeLost = at !== 'idle' && at !== 'doubt' && !isLost
    return [...workSteps(world, i), ...(canBeLost ? [{ label: `${GIVERS[i]} is taken for dead, and goes on`, state: lost }] : [])]
  }

  function workSteps(world: Unkeyed, i: number): Step<Unkeyed>[] {
    const name = GIVERS[i]
    const giver = world.givers[i] as Giver
    const goTo = (after: Unkeyed, to: Partial<Giver>): Unkeyed => ({
      ...after,
      givers: after.givers.with(i, { ...giver, ...to }),
    })
    const ends = (after: Unkeyed): Unkeyed => ({ ...after, givers: after.givers.with(i, idle) })
    const step = (label: string, state: Unkeyed): Step<Unkeyed> => ({ label: `${name}: ${label}`, state })
    const isOfItsMark = (safeguard: 'answerOfItsMark' | 'doubtOfItsMark') =>
      world.mark !== 0 && (world.mark === giver.mark || !safeguards.has(safeguard))
    const isMarkedFirst = safeguards.has('markBeforeReback')
    const mark = (after: Unkeyed): Unkeyed => ({ ...after, mark: after.marks + 1, marks: after.marks + 1 })
    switch (giver.at) {
      case 'idle': {
        if (world.stock !== 'returning') return []
        if (world.mark === 0) {
          if (world.marks === MOST_MARKS) return []
          return isMarkedFirst
            ? [step('marks the Reback', goTo(mark(world), { at: 'send', mark: world.marks + 1 }))]
            : [step('may send a Reback', goTo(world, { at: 'send' }))]
        }
        // A run that is still at it may still be answered.
        const isHeld = world.givers.some(({ at, mark: held, isLost }) => at !== 'doubt' && !isLost && held === world.mark)
        if (isHeld && safeguards.has('doubtsTheCutOff')) return []
        return [step('meets a mark without an answer', goTo(world, { at: 'doubt', mark: world.mark }))]
      }
      case 'send': {
        const cut = step('ends before it sends', { ...ends(world), wasCutOff: true })
        if (isMarkedFirst) return [cut, step('sends the Reback', goTo(world, { at: 'calls' }))]
        if (world.astray + world.applied > 2) return [cut]
        // Marked after it was sent: in between, it ends.
        return [
          step('sends the Reback, and ends', { ...ends(world), astray: world.astray + 1, wasCutOff: true }),
          step('sends the Reback, and marks it', goTo(mark(world), { at: 'calls', mark: world.marks + 1 })),
        ]
      }
      case 'calls': {
        const cut = { ...world, wasCutOff: true }
        const late = { ...cut, astray: world.astray + 1 }
        const unheard = { ...cut, applied: world.applied + 1 }
        const unknown = (label: string, after: Unkeyed): Step<Unkeyed>[] => [
          step(`${label}, and ends`, ends(after)),
          safeguards.has('unknownIsDoubt')
            ? step(`${label}, and gives up`, goTo(after, { at: 'doubt' }))
            : step(`${label}, and takes it for not applied`, goTo(after, { at: 'recordNot' })),
        ]
        return [
          step('is answered: applied', goTo({ ...world, applied: world.applied + 1 }, { at: 'recordApplied' })),
          step('is answered: not applied', goTo(world, { at: 'recordNot' })),
          ...unknown('its Reback is lost', cut),
          ...unknown('its Reback is late', late),
          ...unknown('its Reback is applied and not answered', unheard),
        ]
      }
      case 'recordApplied':
      case 'recordNot': {
        const stock = giver.at === 'recordApplied' ? 'returned' : 'returning'
        const cut = step('ends before it records the answer', { ...ends(world), wasCutOff: true })
        if (world.stock !== 'returning' || !isOfItsMark('answerOfItsMark'))
          return [cut, step('records its answer as evidence', ends(world))]
        return [
          cut,
          step(`records that it was ${giver.at === 'recordNot' ? 'not ' : ''}applied`, ends({ ...world, stock, mark: 0 })),
        ]
      }
      case 'doubt':
        if (world.stock !== 'returning' || !isOfItsMark('doubtOfItsMark')) return [step('finds it settled', ends(world))]
        return [step('puts the stock in doubt', ends({ ...world, stock: 'in_doubt', mark: 0 })), step('ends', ends(world))]
    }
  }

  /** An operator looks at the inventory, and says what it counts. */
  function judged(world: Unkeyed): Step<Unkeyed>[] {
    if (world.stock !== 'in_doubt') return []
    const isStill = world.astray === 0 && world.givers.every(({ at }) => at !== 'send' && at !== 'calls')
    if (!isStill && safeguards.has('operatorWaits')) return []
    const stock = world.applied > 0 ? 'returned' : 'returning'
    return [
      {
        label: `an operator finds it ${stock === 'returned' ? 'given back' : 'sold'}`,
        state: { ...world, stock, wasCutOff: false },
        byHand: true,
      },
    ]
  }

  return {
    initial: { stock: 'returning', mark: 0, marks: 0, applied: 0, astray: 0, givers: GIVERS.map(() => idle), wasCutOff: false },
    steps: (world) => [
      ...world.givers.flatMap((_, i) => giverSteps(world, i)),
      ...(world.astray > 0
        ? [{ label: 'unheard, a Reback arrives', state: { ...world, astray: world.astray - 1, applied: world.applied + 1 } }]
        : []),
      ...(world.astray > 0 ? [{ label: 'a Reback is lost', state: { ...world, astray: world.astray - 1 } }] : []),
      ...judged(world),
    ],
    encode: ({ stock, mark, marks, applied, astray, givers, wasCutOff }) =>
      [
        stock,
        mark,
        marks,
        applied,
        astray,
        wasCutOff,
        ...givers.flatMap(({ at, mark: held, isLost }) => [at, held, isLost]),
      ].join(),
    describe: ({ stock, mark, applied, astray, givers }) =>
      [
        `stock ${stock}${mark ? `, mark ${mark}` : ''}`,
        `given back ${applied} times`,
        ...(astray ? [`${astray} under way`] : []),
        ...givers.flatMap(({ at, mark: held }, i) =>
          at === 'idle' ? [] : [`${GIVERS[i]} at ${at}${held ? ` with mark ${held}` : ''}`],
        ),
      ].join(' | '),
    isQuiet: ({ stock, marks, givers, astray }) =>
      givers.every(({ at }) => at === 'idle') && astray === 0 && (stock !== 'returning' || marks === MOST_MARKS),
    always: {
      'stock is given back at most once': ({ applied }) => applied < 2,
      'what counts as given back was': ({ stock, applied }) => stock !== 'returned' || applied > 0,
      'only what was cut off is in doubt': ({ stock, wasCutOff }) => stock !== 'in_doubt' || wasCutOff,
    },
    whenQuiet: {},
  }
}
