import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type Failure, failure } from '../contracts/failures.ts'
import { PROBLEM_MEDIA_TYPE, problemOf, RETRY_AFTER_S } from './problems.ts'

/** Time that a client has to take the answer, in milliseconds. */
const LINGER_MS = 1_000

const PROBLEMS: Record<string, readonly [field: string, problem: string]> = {
  HPE_HEADER_OVERFLOW: ['headers', 'must be below 16 KiB'],
}

/** A starter that gets no processor reads too late what arrived in time: the same request may well be good, and is not refused for ever. */
const LATE = failure(
  'ServiceUnavailable',
  'the request did not arrive in time, its head within 5 s, the whole within HTTP_REQUEST_TIMEOUT_MS, and began nothing',
  { service: 'order-saga' },
)

/** Answers what the HTTP parser rejects as a problem document: without a request there is neither a route nor a reply. */
export function answerUnreadable(error: { code?: string }, socket: Socket): void {
  // The client is gone, or this would tear an answer that has begun.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const document = problemOf(isLate ? LATE : refusalOf(error.code))
  const body = JSON.stringify(document)
  const head = [
    `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status]}`,
    ...(isLate ? [`Retry-After: ${RETRY_AFTER_S}`] : []),
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // A caller that goes on sending would keep the connection. It is not ended at once: a reset would take the answer with it.
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

function refusalOf(code = ''): Failure {
  const [field, problem] = PROBLEMS[code] ?? ['', 'must be complete, well-formed HTTP/1.1']
  return failure('InvalidInput', `the request can't be read: ${field || 'it'} ${problem}`, { fields: [{ field, problem }] })
}
