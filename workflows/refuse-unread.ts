import { doubledIn, Unreadable } from '../contracts/as-received.ts'
import { printable, THERE_TWICE } from '../contracts/input-problems.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { byRulesOfToday } from './rules-of-today.ts'

/** @throws ApplicationFailure InvalidInput if the input of a run can't be read, or in more than one way */
export function refuseUnread(input: unknown): void {
  if (input instanceof Unreadable) throw invalidInput([{ field: '', problem: input.problem }])
  const doubled = doubledIn(input)
  if (doubled !== undefined && byRulesOfToday()) throw invalidInput([{ field: printable(doubled), problem: THERE_TWICE }])
}
