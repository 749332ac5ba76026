import { join } from 'node:path'
import { modulesReached } from './modules-reached.ts'

/**
 * Modules with which a test starts processes or a browser, bundles workflows or runs a Temporal server. Importing only types of them starts
 * nothing.
 */
const STARTERS = ['node:child_process', 'node:worker_threads', '@temporalio/testing', '@temporalio/worker', 'playwright-core']

/** Runs a program that is done at once. */
const QUICK_PROGRAMS = [join(import.meta.dirname, 'tracked-files.ts')]

/**
 * Returns true if a module starts nothing but itself, neither directly nor by a module of ours that it imports: a test of that
 * kind belongs to `npm run test:quick`.
 * @param file its path
 */
export function startsNothing(file: string): boolean {
  const { packages } = modulesReached(file, QUICK_PROGRAMS)
  return !STARTERS.some((starter) => packages.has(starter))
}
