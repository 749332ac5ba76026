import { shownText } from '../contracts/shown-text.ts'
import { Refused } from './refused.ts'

/** Returns the reason for which a verb was not carried out, on one line, as an operator's terminal shows it: words of other parties in it do nothing there. */
export function complaintOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return shownText(`${error instanceof Refused ? 'refused' : 'failed'}: ${message}`)
}
