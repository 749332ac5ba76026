import type { FailureRow } from '../contracts/failure-row.ts'
import { FAILURES, type FailureType, failure } from '../contracts/failures.ts'
import { ID } from '../contracts/kinds.ts'
import { ORDER_SN } from '../contracts/order.ts'
import { parameters, type Schema } from '../contracts/schema.ts'
import { PROBLEM } from './components.ts'
import { PROBLEM_MEDIA_TYPE, problemOf, RETRY_AFTER_S } from './problems.ts'

/** An id as a path has it: a text. */
export const ID_IN_PATH: Schema<number> = {
  json: { ...ID.json, description: 'A positive int32.' },
  read(value, path, found) {
    return ID.read(/^[1-9]\d{0,9}$/.test(String(value)) ? Number(value) : Number.NaN, path, found)
  },
}

export const ORDER_SN_IN_PATH = parameters({ orderSn: ORDER_SN }).json

/** The responses by which a route may refuse: one per HTTP status, with an example of each failure behind it. */
export function problems(...types: FailureType[]): Record<number, unknown> {
  const byStatus = new Map<number, FailureType[]>()
  for (const type of [...types, 'TooManyRequests', 'InternalError'] as FailureType[]) {
    const { http } = FAILURES[type]
    byStatus.set(http, [...(byStatus.get(http) ?? []), type])
  }
  return Object.fromEntries(
    [...byStatus].map(([http, group]) => [
      http,
      {
        description: group.map((type) => `${FAILURES[type].code} ${type}: ${FAILURES[type].title}`).join('; '),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: PROBLEM.json, examples: Object.fromEntries(group.map(exampleOf)) } },
        ...(group.some((type) => (FAILURES[type] as FailureRow).retryAfter) && { headers: RETRY_AFTER }),
      },
    ]),
  )
}

const RETRY_AFTER = {
  'Retry-After': {
    type: 'integer',
    examples: [RETRY_AFTER_S],
    description: 'Seconds to wait before the request is sent again; detail says under which key.',
  },
}

function exampleOf(type: FailureType) {
  return [type, { value: problemOf(failure(type, 'what happened, and to what')) }]
}

/** A response body that is JSON. */
export function json(description: string, schema: Schema<unknown>, headers: Record<string, string> = {}) {
  return {
    description,
    content: { 'application/json': { schema: schema.json } },
    ...(Object.keys(headers).length > 0 && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, of]) => [name, { type: 'string', description: of }])),
    }),
  }
}
