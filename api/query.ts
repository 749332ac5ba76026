import { InputProblems, printable, THERE_TWICE } from '../contracts/input-problems.ts'
import { refuseIfAny } from '../contracts/invalid-input.ts'
import type { Schema } from '../contracts/schema.ts'

/**
 * Reads the query of a request by its table of parameters.
 * @throws ApplicationFailure InvalidInput naming every parameter that is bad, not known, or there twice
 */
export function readQuery<T>(schema: Schema<T>, query: unknown): T {
  const found = new InputProblems()
  const sent = Object.entries((query ?? {}) as Record<string, unknown>)
  for (const [name, value] of sent) if (Array.isArray(value)) found.add(printable(name), THERE_TWICE)
  const once = Object.fromEntries(sent.filter(([, value]) => !Array.isArray(value)))
  const read = schema.read(once, '', found)
  refuseIfAny(found)
  return read
}
