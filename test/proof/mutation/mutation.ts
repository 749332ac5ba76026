/** One safeguard, and how to remove it. */
export interface Mutation {
  /** Path of the file, from the project's folder. */
  file: string
  /** Its exact text, which occurs once in the file. */
  find: string
  /** Text that replaces the safeguard. */
  replace: string
  /** Consequence of its removal. */
  breaks: string
  /** The test files that have to notice. */
  tests: readonly string[]
  /** Reason why no test can notice, or need not: docs/mutations.md lists these. */
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
