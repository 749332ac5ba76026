import { anyText, FLAG } from '../contracts/kinds.ts'
import { body, type Fields, ifKnown, type parameters, type Schema, type TypeOf } from '../contracts/schema.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'

const ANYTHING: Schema<unknown> = { json: { description: 'What was found, for machines.' }, read: (value) => value }

/** Answer of a verb, over HTTP as on this machine; no personal data. */
export const OUTCOME = body(
  'OperatorOutcome',
  {
    text: anyText({ description: 'What was found or done, in words.' }),
    /** False if something is unexplained, or was left alone. */
    well: FLAG,
    data: ifKnown(ANYTHING),
  },
  { examples: [{ text: 'no order is stuck, in doubt or being compensated', well: true, data: [] }] },
)
export type Outcome = TypeOf<typeof OUTCOME>

/** Something that operators do with orders. Command line and HTTP are two ways to ask for the same one. */
export interface Verb {
  /** `operationId` of its route. */
  readonly name: string
  /** GET changes nothing. */
  readonly method: 'GET' | 'POST'
  /** Path of its route; it holds `:orderSn` if the verb is about one order. Absent: no starter carries it out. */
  readonly path: string | undefined
  readonly summary: string
  /** Fields that it is given, beside who asks for it and why: what the path names, and the rest in the query of a GET or the body of a POST. */
  readonly fields: Fields
  run(deps: OperatorDeps, given: Readonly<Record<string, unknown>>, operator: Operator): Promise<Outcome>
}

/** A verb that is asked for. */
export interface AskedVerb {
  verb: Verb
  given: Readonly<Record<string, unknown>>
  /** Name of the person; absent if none was given. */
  by?: string
  why: string
}

type Given<F extends Fields> = TypeOf<ReturnType<typeof parameters<F>>>

/** Makes a verb, what it is given read by its fields. */
export function verb<F extends Fields>(
  made: Omit<Verb, 'fields' | 'run'> & {
    fields: F
    run(deps: OperatorDeps, given: Given<F>, operator: Operator): Promise<Outcome>
  },
): Verb {
  return made as unknown as Verb
}
