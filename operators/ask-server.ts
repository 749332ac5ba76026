import { ifKnown, matches, parameters, type Schema } from '../contracts/schema.ts'
import { Refused } from './refused.ts'
import { type AskedVerb, OUTCOME_FIELDS, type Outcome } from './verb.ts'

/** Longest time of one verb, in milliseconds: a comparison of all orders takes minutes. */
const ANSWERED_WITHIN_MS = 600_000

const ANYTHING: Schema<unknown> = { json: {}, read: (value) => value }

/** Answer of any verb; what is in its data is shown, not read: the starter may be of another release. */
const ANY_OUTCOME = parameters({ ...OUTCOME_FIELDS, data: ifKnown(ANYTHING) })

/** A starter that carries verbs out. */
interface VerbServer {
  /** Its address, without a path. */
  url: string
  /** A token with the scope `orders:operate`. @default none is sent */
  token?: string | undefined
}

/**
 * Has a starter carry a verb out, over HTTP.
 * @throws Refused if it refuses; Error if there is no such starter, or if it is not let in
 */
export async function askServer({ url, token }: VerbServer, { verb, given, by, why }: AskedVerb): Promise<Outcome> {
  if (verb.path === undefined)
    throw new Refused('no starter does this: leave --server out, and name the database in DATABASE_URL')
  const rest = new Map(Object.entries(given))
  const path = verb.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(rest.get(name))
    rest.delete(name)
    return encodeURIComponent(value)
  })
  const to = new URL(`${url}${path}`)
  const isQuestion = verb.method === 'GET'
  if (isQuestion) for (const [name, value] of rest) if (value !== undefined) to.searchParams.set(name, String(value))
  const response = await fetch(to, {
    method: verb.method,
    // A redirect would carry the token to whoever it names.
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(!isQuestion && { 'content-type': 'application/json' }),
    },
    ...(!isQuestion && { body: JSON.stringify({ ...Object.fromEntries(rest), why, ...(by !== undefined && { by }) }) }),
  }).catch((error: Error) => {
    throw new Error(`the starter at ${url} can't be asked (${(error.cause as Error | undefined)?.message ?? error.message})`)
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok && matches(ANY_OUTCOME, answer)) return answer as Outcome
  const { detail, failure, fields } = (answer ?? {}) as { detail?: unknown; failure?: unknown; fields?: unknown }
  if (typeof detail !== 'string') throw new Error(`${url} answers ${response.status}, which is no answer of a starter`)
  const more = Array.isArray(fields) ? `: ${fields.map(({ field, problem }) => `${field} ${problem}`).join('; ')}` : ''
  if (failure === 'VerbRefused' || failure === 'OrderNotFound') throw new Refused(detail)
  throw new Error(`the starter at ${url} answers ${response.status} ${String(failure)}: ${detail}${more}`)
}
