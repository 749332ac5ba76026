/** One thing that may happen next. `byHand` marks what an operator does: nothing may depend on it. */
export interface Step<State> {
  label: string
  state: State
  byHand?: boolean
}

/** Model to be explored. Invariants are named by the sentence that they keep true. */
export interface Model<State> {
  initial: State
  steps(state: State): readonly Step<State>[]
  /** Equal states, and only those, have equal texts. */
  encode(state: State): string
  describe(state: State): string
  /** Nothing runs any more and nothing is left to do, though what is still on its way may arrive. */
  isQuiet(state: State): boolean
  always: Readonly<Record<string, (state: State) => boolean>>
  whenQuiet: Readonly<Record<string, (state: State) => boolean>>
}

export interface Violation<State> {
  /** The sentence that is not true. */
  invariant: string
  /** No shorter one violates anything; the first entry is the initial state. */
  trace: Step<State>[]
}

export interface Exploration<State> {
  states: number
  steps: number
  quiet: number
  /** Absent if every invariant holds in every reachable state. */
  violation?: Violation<State>
}

export const QUIET_REACHABLE = 'from everywhere, a quiet state can be reached without an operator'

/**
 * Visits every reachable state, breadth first, so that the first violation found has a shortest trace.
 * @param atMost states; more is a defect of the model, and an error
 */
export function explore<State>(model: Model<State>, atMost = 3_000_000): Exploration<State> {
  const found = new Map<string, number>()
  const parents: number[] = []
  const quiet: number[] = []
  /** Successors of state i without an operator's: `targets` from `firstTarget[i]` up to `firstTarget[i + 1]`. */
  const targets: number[] = []
  const firstTarget: number[] = []
  let frontier: State[] = []
  let steps = 0

  const visit = (state: State, parent: number): number => {
    const key = model.encode(state)
    const known = found.get(key)
    if (known !== undefined) return known
    if (found.size === atMost) throw new RangeError(`the model has more than ${atMost} states: make it smaller`)
    found.set(key, parents.length)
    frontier.push(state)
    return parents.push(parent) - 1
  }

  const result = (violated?: { invariant: string; at: number }): Exploration<State> => ({
    states: found.size,
    steps,
    quiet: quiet.length,
    ...(violated && { violation: { invariant: violated.invariant, trace: traceTo(violated.at) } }),
  })

  /** Returns the way to a state. It is walked again: only numbers are kept of visited states. */
  const traceTo = (last: number): Step<State>[] => {
    const path: number[] = []
    for (let at = last; at >= 0; at = parents[at] as number) path.unshift(at)
    const trace: Step<State>[] = [{ label: 'at first', state: model.initial }]
    for (const next of path.slice(1)) {
      const { state } = trace.at(-1) as Step<State>
      trace.push(model.steps(state).find((step) => found.get(model.encode(step.state)) === next) as Step<State>)
    }
    return trace
  }

  visit(model.initial, -1)
  for (let at = 0; frontier.length > 0; ) {
    const level = frontier
    frontier = []
    for (const state of level) {
      const isQuiet = model.isQuiet(state)
      if (isQuiet) quiet.push(at)
      const invariant = broken(model.always, state) ?? (isQuiet ? broken(model.whenQuiet, state) : undefined)
      if (invariant !== undefined) return result({ invariant, at })
      firstTarget.push(targets.length)
      for (const step of model.steps(state)) {
        steps++
        const to = visit(step.state, at)
        if (!step.byHand) targets.push(to)
      }
      at++
    }
  }
  firstTarget.push(targets.length)

  const stuck = firstThatMisses(quiet, targets, firstTarget)
  return stuck === undefined ? result() : result({ invariant: QUIET_REACHABLE, at: stuck })
}

/** A trace as text: what happened, and below it what had become of the world. */
export function printTrace<State>(model: Model<State>, { invariant, trace }: Violation<State>): string {
  const lines = trace.map(({ label, state }, i) => `${String(i).padStart(3)}  ${label}\n       ${model.describe(state)}`)
  return `VIOLATED: ${invariant}\n${lines.join('\n')}\n`
}

function broken<State>(invariants: Model<State>['always'], state: State): string | undefined {
  return Object.keys(invariants).find((name) => !invariants[name]?.(state))
}

/** The first state from which none of the goals can be reached. */
function firstThatMisses(goals: readonly number[], targets: readonly number[], firstTarget: readonly number[]) {
  const states = firstTarget.length - 1
  // Successors turned round: `sources` from `firstSource[i]` up to `firstSource[i + 1]` lead to i.
  const firstSource = new Uint32Array(states + 1)
  for (const to of targets) firstSource[to + 1] = (firstSource[to + 1] as number) + 1
  for (let i = 0; i < states; i++) firstSource[i + 1] = (firstSource[i + 1] as number) + (firstSource[i] as number)
  const sources = new Uint32Array(targets.length)
  const filled = firstSource.slice()
  for (let from = 0; from < states; from++) {
    for (let i = firstTarget[from] as number; i < (firstTarget[from + 1] as number); i++) {
      const to = targets[i] as number
      sources[filled[to] as number] = from
      filled[to] = (filled[to] as number) + 1
    }
  }

  const reaches = new Uint8Array(states)
  const open = [...goals]
  for (const goal of goals) reaches[goal] = 1
  for (let to = open.pop(); to !== undefined; to = open.pop()) {
    for (let i = firstSource[to] as number; i < (firstSource[to + 1] as number); i++) {
      const from = sources[i] as number
      if (reaches[from]) continue
      reaches[from] = 1
      open.push(from)
    }
  }
  const first = reaches.indexOf(0)
  return first < 0 ? undefined : first
}
