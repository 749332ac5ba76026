/** One safeguard, and how to remove it. */
export interface Mutation {
  /** Where it stands, from the project's folder. */
  file: string
  /** Its exact text, which occurs once in the file. */
  find: string
  /** What stands there without it. */
  replace: string
  /** What goes wrong without it. */
  breaks: string
  /** The test files that have to notice. */
  tests: readonly string[]
  /** Why no test can notice, or need not: docs/mutations.md lists these. */
  survives?: string
}

/** Mutations of one file, noticed by the same tests. */
export function inFile(
  file: string,
  tests: readonly string[],
  mutations: readonly Omit<Mutation, 'file' | 'tests'>[],
): Mutation[] {
  return mutations.map((mutation) => ({ file, tests, ...mutation }))
}
