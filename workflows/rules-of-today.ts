import { patched } from '@temporalio/workflow'

/**
 * Reports whether this run judges its input by the rules that came later: texts that nobody can see, control characters, doubled
 * members, keys of spaces alone. A run that began before has gone on with such an input, and goes on.
 */
export function byRulesOfToday(): boolean {
  return patched('input-for-people')
}
