import { join } from 'node:path'
import { modulesReached } from './modules-reached.ts'

const PROJECT = join(import.meta.dirname, '../..')
/** Starts the whole stack: Temporal, PostgreSQL, services, worker and starter. */
const STACK = join(PROJECT, 'dev/stack.ts')
/** Tests that start it by a program of its own: `npm start`, which takes the default ports, and the bench. */
const BY_PROGRAM = ['test/dev/', 'test/bench/']

/**
 * Returns true if a test file runs on a whole stack. More than two stacks at once would keep each other from answering in time.
 * @param file its path from the project's root
 */
export function startsStack(file: string): boolean {
  return BY_PROGRAM.some((folder) => file.startsWith(folder)) || modulesReached(join(PROJECT, file)).modules.has(STACK)
}
