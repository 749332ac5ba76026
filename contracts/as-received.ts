/**
 * A note about a workflow's input beside its value: the payload converter makes it (workflows/payload-converter.ts), and the
 * check of the input asks for it.
 */

/** Stands for an input that can't be read. */
export class Unreadable {
  /** Description of a valid input, in the words of a field's problem. */
  readonly problem: string

  constructor(problem: string) {
    this.problem = problem
  }
}

const doubled = new WeakMap<object, string>()

/** Notes that the JSON of this value had a member twice. */
export function noteDoubled(value: unknown, path: string): void {
  if (typeof value === 'object' && value !== null) doubled.set(value, path)
}

/** The path of a member that the JSON of this value had twice. */
export function doubledIn(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? doubled.get(value) : undefined
}
