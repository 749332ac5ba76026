import type { Socket } from 'node:net'
import { failure } from '../contracts/failures.ts'
import { PROBLEM_MEDIA_TYPE, problemOf } from './problems.ts'

/** Time that a client has to take the answer, in milliseconds. */
const LINGER_MS = 1_000

const PROBLEMS: Record<string, readonly [field: string, problem: string]> = {
  HPE_HEADER_OVERFLOW: ['headers', 'must be below 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['', 'must arrive in time, its head within 5 s, the whole within HTTP_REQUEST_TIMEOUT_MS'],
}

/** Answers what the HTTP parser rejects as a problem document: without a request there is neither a route nor a reply. */
export function answerUnreadable(error: { code?: string }, socket: Socket): void {
  // The client is gone, or this would tear an answer that has begun.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const [field, problem] = PROBLEMS[error.code ?? ''] ?? ['', 'must be complete, well-formed HTTP/1.1']
  const refused = failure('InvalidInput', `the request can't be read: ${field || 'it'} ${problem}`, {
    fields: [{ field, problem }],
  })
  const document = problemOf(refused)
  const body = JSON.stringify(document)
  const head = [
    `HTTP/1.1 ${document.status} Bad Request`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // A caller that goes on sending would keep the connection. It is not ended at once: a reset would take the answer with it.
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
