import { type Agent, request } from 'node:http'
import type { CreateOrderInput, CreateOrderResult } from '../../../contracts/create-order.ts'
import type { FailureType } from '../../../contracts/failures.ts'

/** Answer that a client gets which orders something. @template Order what it learns of an order that was created */
export type Answer<Order = CreateOrderResult> =
  | { kind: 'created'; order: Order }
  | { kind: 'pending'; orderSn: string }
  | { kind: 'refused'; failure: FailureType }
  /** Nobody listened: nothing was sent. */
  | { kind: 'unreached' }
  /** The connection broke: nobody can say what became of the request. */
  | { kind: 'lost'; why: string }

/** Returns true if an answer is final: created or refused. `ServiceUnavailable` asks the client to repeat the request. */
export function isFinal<Order>(
  answer: Answer<Order> | { kind: 'bad' },
): answer is Answer<Order> & { kind: 'created' | 'refused' } {
  return answer.kind === 'created' || (answer.kind === 'refused' && answer.failure !== 'ServiceUnavailable')
}

/** One word for it: the failure, if it is a refusal. */
export function answerName(answer: Answer | { kind: 'bad' }): string {
  return answer.kind === 'refused' ? answer.failure : answer.kind
}

/**
 * Sends one order.
 * @param agent for a client that keeps its connection
 * @throws Error for an answer that is none of the API's
 */
export async function place(httpUrl: string, order: CreateOrderInput, agent?: Agent): Promise<Answer> {
  const { requestId = '', ...body } = order
  try {
    const { status, text } = await post(`${httpUrl}/orders`, { 'idempotency-key': requestId }, JSON.stringify(body), agent)
    return answerOf(status, JSON.parse(text))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return code === 'ECONNREFUSED' ? { kind: 'unreached' } : { kind: 'lost', why: code }
  }
}

function answerOf(status: number, body: { failure: FailureType } & CreateOrderResult): Answer {
  if (status === 201) return { kind: 'created', order: body }
  if (status === 202) return { kind: 'pending', orderSn: body.orderSn }
  if (status >= 400 && body.failure) return { kind: 'refused', failure: body.failure }
  throw new Error(`POST /orders was answered ${status} ${JSON.stringify(body)}`)
}

/** Posts a body. It does not use `fetch`, whose pool may take a connection that a draining starter is about to close. */
function post(url: string, headers: Record<string, string>, body: string, agent?: Agent) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const type = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', headers: { ...headers, ...type }, ...(agent && { agent }) }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
