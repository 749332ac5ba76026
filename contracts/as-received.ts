/**
 * What is known of a workflow's input beside its value: the payload converter notes it (workflows/payload-converter.ts), and whoever
 * checks the input asks for it.
 */

/** Stands for an input that can't be read. */
export class Unreadable {
  /** What the input has to be, as the problem of a field says it. */
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
