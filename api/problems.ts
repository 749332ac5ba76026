import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { failureIn } from '../contracts/application-failure.ts'
import { FAILURE_DETAILS, type FailureDetails } from '../contracts/failure-details.ts'
import type { FailureRow } from '../contracts/failure-row.ts'
import { FAILURES, type Failure, failure } from '../contracts/failures.ts'
import { messageForCallers } from '../contracts/message-for-callers.ts'
import { matches, type TypeOf } from '../contracts/schema.ts'
import { SparingLog } from '../limits/sparing-log.ts'
import type { PROBLEM } from './components.ts'

/** Seconds: twice the health probe's period, so that a repeat meets a fresh verdict; and far above what an order takes that goes well. */
export const RETRY_AFTER_S = 2

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** The document of a refusal. A detail that is not what the table says, as an older history may hold it, is left out. */
export function problemOf(refused: Failure): TypeOf<typeof PROBLEM> {
  const { type, code, details } = refused
  const { title, http }: FailureRow = FAILURES[type]
  const members = { type: `/docs/problems#${type}`, title, status: http, detail: messageForCallers(refused), code, failure: type }
  const known = Object.entries(FAILURE_DETAILS).filter(([name, schema]) => matches(schema, details[name as keyof FailureDetails]))
  const shown = Object.fromEntries(known.map(([name]) => [name, details[name as keyof FailureDetails]]))
  // Twice: first to be read first, last because no detail may stand in for one of them.
  return { ...members, ...shown, ...members }
}

/** Makes errors problem documents: what a route throws, or what Fastify objects to. Those that are our failure are logged. */
export function problemSender(lines = new SparingLog()) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const known = failureIn(error) ?? (error instanceof Error ? refusalOf(error) : undefined)
    // The route's pattern, not the path; and not the whole error: a database error can quote the row that it objects to.
    const route = request.routeOptions?.url
    if (!known) {
      const outline = outlineOf(error)
      lines.write(request.log, 'error', `${route} ${outline.type} ${outline.code}`, { route, error: outline }, 'unexpected error')
    } else if (FAILURES[known.type].http >= 500) {
      const kind = `${route} ${known.type} ${known.details.service}`
      lines.write(request.log, 'warn', kind, { route, failure: known.type, said: known.details.said }, known.message)
    }
    sendRefusal(reply, known ?? failure('InternalError', 'something unexpected happened'))
  }
}

/** Answers with the problem document of a refusal, and logs nothing. */
export function sendRefusal(reply: FastifyReply, refused: Failure): void {
  const problem = problemOf(refused)
  const { retryAfter }: FailureRow = FAILURES[refused.type]
  if (retryAfter) reply.header('retry-after', RETRY_AFTER_S)
  if (refused.type === 'Unauthenticated') reply.header('www-authenticate', 'Bearer')
  reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(problem)
}

/** Errors that Fastify itself raises. */
function refusalOf({ code, statusCode = 500 }: Partial<FastifyError>): Failure | undefined {
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return failure('UnsupportedMediaType', 'the Content-Type is not application/json')
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return failure('BodyTooLarge', 'the body is above 256 KiB')
  if (code === 'FST_ERR_BAD_URL') return failure('RouteNotFound', 'the path is not well-formed')
  if (statusCode < 400 || statusCode >= 500) return undefined
  // Neither the parser's message nor the body is repeated: the body holds personal data.
  return failure('InvalidInput', 'the body is not JSON', { fields: [{ field: '', problem: 'must be a JSON object' }] })
}

function outlineOf(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error }
  return { type: error.name, message: error.message, code: (error as { code?: unknown }).code, stack: error.stack }
}
