import { FAILURES, type Failure } from './failures.ts'

/** The call that failed, in our words, before those of the service, which messages of earlier releases hold. */
const CALL_AND_MORE = /^(?<call>[^:]*?\b[a-z]+\/[A-Z]\w*(?: answered [A-Z_]+)?): /

/**
 * The message of a failure as whoever placed the order reads it. Rows and histories of earlier releases hold what a service said in its own
 * words as a part of the message: that is left out.
 */
export function messageForCallers({ type, message }: Pick<Failure, 'type' | 'message'>): string {
  const call = CALL_AND_MORE.exec(message)?.groups?.call
  if (call === undefined) return message
  return `${call}${call.includes('(') ? ')' : ''}: ${FAILURES[type].advice}`
}
