import type { FastifyInstance } from 'fastify'
import { failureIn, failureOf } from '../contracts/application-failure.ts'
import type { Caller } from '../contracts/caller.ts'
import { failure } from '../contracts/failures.ts'
import { InputProblems } from '../contracts/input-problems.ts'
import { invalidInput, refuseIfAny } from '../contracts/invalid-input.ts'
import { lineOfText } from '../contracts/kinds.ts'
import { MAX_REASON_LENGTH, MAX_SUBJECT_LENGTH } from '../contracts/limits.ts'
import { type Body, bodiesIn, body, type Fields, optional, parameters } from '../contracts/schema.ts'
import { Refused } from '../operators/refused.ts'
import { type AskedVerb, OUTCOME, OUTCOME_FIELDS, type Outcome, type Verb } from '../operators/verb.ts'
import { classOf, stateNameOf } from '../store/failures.ts'
import { orderNotFound } from './order-view.ts'
import { readQuery } from './query.ts'
import { json, problems } from './schemas.ts'

export interface VerbDeps {
  verbs: readonly Verb[]
  /** Carries a verb out; `by` is who asks for it. */
  perform(asked: AskedVerb & { by: string }): Promise<Outcome>
}

/** Members of each request that changes something. */
const REASON = {
  why: optional(lineOfText(MAX_REASON_LENGTH), { description: 'The reason, for the audit trail.' }),
  by: optional(lineOfText(MAX_SUBJECT_LENGTH), {
    description: 'Name of the person, if callers are not known (AUTH=off, AUTH=gateway): otherwise the token says who it is.',
  }),
}

/** The body of a verb that takes nothing else. */
const OPERATOR_REQUEST = body('OperatorRequest', REASON, { additionalProperties: false, examples: [{ why: 'ticket 4711' }] })

/** The verbs of operators, for whoever has the scope `orders:operate`: what `npm run orders` does, by the same functions. */
export function serveOperatorVerbs(app: FastifyInstance, { verbs, perform }: VerbDeps): void {
  const served = verbs.flatMap((verb) =>
    verb.path === undefined ? [] : { verb, url: verb.path, request: requestOf(verb, verb.path), outcome: outcomeOf(verb) },
  )
  const bodies = served.flatMap(({ request, outcome }) => [outcome, request.body ?? []].flat().flatMap(bodiesIn))
  for (const { name, definition } of bodies) {
    if (!app.getSchema(name)) app.addSchema({ $id: name, ...definition })
  }
  for (const { verb, url, request, outcome } of served) {
    const { path, query } = request
    const isOfOrder = Object.keys(path.fields).length > 0
    app.route<{ Params: Record<string, string> }>({
      method: verb.method,
      url,
      config: { access: 'orders:operate' },
      schema: {
        operationId: verb.name,
        tags: ['operators'],
        summary: verb.summary,
        ...(isOfOrder && { params: path.json }),
        ...(request.body ? { body: request.body.json } : { querystring: query.json }),
        response: {
          200: json('What came of it', outcome),
          ...problems(
            'InvalidInput',
            'VerbRefused',
            'RouteNotFound',
            'ServiceUnavailable',
            ...(isOfOrder ? (['OrderNotFound'] as const) : []),
          ),
          ...(request.body && problems('BodyTooLarge', 'UnsupportedMediaType')),
        },
      },
      async handler({ params, query: sent, body: asked, caller }) {
        const found = new InputProblems()
        const named = path.read(params, '', found)
        const read: Asked = request.body ? request.body.read(asked === undefined ? {} : asked, '', found) : readQuery(query, sent)
        refuseIfAny(found)
        const { by, why = 'not given', ...rest } = read
        const given = { ...named, ...rest }
        return await answered(() => perform({ verb, given, why, by: operatorOf(caller, by) }), given)
      },
    })
  }
}

/** Fields that a verb is given, beside what its path names. */
interface Asked {
  [field: string]: unknown
  by?: string
  why?: string
}

interface VerbRequest {
  path: ReturnType<typeof parameters<Fields>>
  query: ReturnType<typeof parameters<Fields>>
  body?: Body<Fields>
}

function requestOf({ name, method, fields }: Verb, path: string): VerbRequest {
  const inPath = (field: string) => path.includes(`:${field}`)
  const only = (which: boolean) => Object.fromEntries(Object.entries(fields).filter(([field]) => inPath(field) === which))
  const rest = parameters(only(false))
  const request = { path: parameters(only(true)), query: rest }
  if (method === 'GET') return request
  if (Object.keys(rest.fields).length === 0) return { ...request, body: OPERATOR_REQUEST }
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}Request`
  return { ...request, body: body(title, { ...rest.fields, ...REASON }, { additionalProperties: false }) }
}

/** The answer of a verb: with its data, if it has any. */
function outcomeOf({ data }: Verb): Body<Fields> {
  return data ? body(`${data.name}Outcome`, { ...OUTCOME_FIELDS, data }) : OUTCOME
}

/** Returns the name of the operator who asks, for the audit trail. @throws ApplicationFailure InvalidInput for a name beside a caller who is known */
function operatorOf(caller: Caller, by: string | undefined): string {
  if (caller.kind === 'anybody') return by ?? 'anybody'
  if (by !== undefined) throw invalidInput([{ field: 'by', problem: 'must be left out: the token says who it is' }])
  return caller.subject
}

/** @throws ApplicationFailure what a caller is answered; the error itself if it is a defect */
async function answered(perform: () => Promise<Outcome>, { orderSn }: { orderSn?: unknown }): Promise<Outcome> {
  try {
    return await perform()
  } catch (error) {
    if (error instanceof Refused) {
      throw error.isAbsent ? orderNotFound(String(orderSn)) : failureOf(failure('VerbRefused', error.message))
    }
    if (failureIn(error) || classOf(error) !== 'away') throw error
    // The words of gRPC are shown, and of PostgreSQL the state alone: its words may quote a row.
    const { details = stateNameOf(error) } = error as { details?: unknown }
    throw failureOf(failure('ServiceUnavailable', `a party that this verb asks can't be used now (${String(details)})`))
  }
}
