import type { Failure } from './failures.ts'

/** The message of a failure as operators read it, with the service's own words, if it had any. */
export function messageForOperators({
  message,
  details: { service = 'the service', said },
}: Pick<Failure, 'message' | 'details'>): string {
  return said === undefined ? message : `${message} (${service} said: ${said})`
}
