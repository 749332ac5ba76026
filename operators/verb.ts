import { anyText, flag } from '../contracts/kinds.ts'
import { type Body, body, type Fields, type parameters, type TypeOf } from '../contracts/schema.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'

/** Members of each answer, over HTTP as on this machine; no personal data. */
export const OUTCOME_FIELDS = {
  text: anyText({ description: 'What was found or done, in words.' }),
  well: flag({ description: 'False if something is unexplained, or was left alone.' }),
}

/** Answer of a verb that finds nothing for machines. */
export const OUTCOME = body('OperatorOutcome', OUTCOME_FIELDS, {
  examples: [{ text: 'order MFRGGZDFMZTWQ2LK is cancelled: TRADE_CLOSED, stock returned', well: true }],
})

/** Answer of a verb. */
export interface Outcome<Data = unknown> extends TypeOf<typeof OUTCOME> {
  /** Result for machines. */
  data?: Data
}

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
  /** Result for machines, the member `data` of its answer. Absent: it has none. */
  readonly data?: Body<Fields>
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
export function verb<F extends Fields, D extends Fields = never>(
  made: Omit<Verb, 'fields' | 'data' | 'run'> & {
    fields: F
    data?: Body<D>
    run(deps: OperatorDeps, given: Given<F>, operator: Operator): Promise<Found<D>>
  },
): Verb {
  return made as unknown as Verb
}

type Found<D extends Fields> = [D] extends [never] ? Outcome<never> : Required<Outcome<TypeOf<Body<D>>>>
