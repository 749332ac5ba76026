import { shownText } from '../contracts/shown-text.ts'
import { Refused } from './refused.ts'

/** PostgreSQL's insufficient_privilege. */
const NOT_ALLOWED = '42501'
const ADVICE =
  'the account in DATABASE_URL lacks this right: give operators one of DATABASE_OPERATOR_ROLE, that of worker and starter may not'

/** Returns the reason for which a verb was not carried out, on one line, as an operator's terminal shows it: words of other parties in it do nothing there. */
export function complaintOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const advice = (error as { code?: unknown } | null)?.code === NOT_ALLOWED ? `; ${ADVICE}` : ''
  return shownText(`${error instanceof Refused ? 'refused' : 'failed'}: ${message}${advice}`)
}
