import { failureOf } from './application-failure.ts'
import { type FieldProblem, failure } from './failures.ts'
import { InputProblems } from './input-problems.ts'
import type { Schema } from './schema.ts'

/** Maximum number of bad fields that one answer names: enough to mend a form, not a way to make us write megabytes. */
const MAX_PROBLEMS = 20

/** The failure InvalidInput for these fields. */
export function invalidInput(problems: readonly FieldProblem[]) {
  const fields = problems.slice(0, MAX_PROBLEMS)
  const named = fields.map(({ field, problem }) => `${field || 'the body'} ${problem}`).join('; ')
  const more = problems.length > fields.length ? ` and ${problems.length - fields.length} more` : ''
  return failureOf(failure('InvalidInput', `${named}${more}`, { fields }))
}

/**
 * Refuses an input with all that is wrong with it.
 * @param byRulesOfToday whether the rules count that came after orders were in flight; asked only if nothing but them is broken
 * @throws ApplicationFailure InvalidInput, details.fields naming each bad field
 */
export function refuseIfAny(problems: InputProblems, byRulesOfToday: () => boolean = () => true): void {
  const found = problems.counting(byRulesOfToday)
  if (found.length > 0) throw invalidInput(found)
}

/** Checks an input by itself. @throws ApplicationFailure InvalidInput, details.fields naming each bad field */
export function parse<T>(schema: Schema<T>, input: unknown, path = ''): T {
  const problems = new InputProblems()
  const read = schema.read(input, path, problems)
  refuseIfAny(problems)
  return read
}
