import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Modules with which a test starts processes, bundles workflows or runs a Temporal server. Importing only types of them starts
 * nothing.
 */
const STARTERS = ['node:child_process', 'node:worker_threads', '@temporalio/testing', '@temporalio/worker']

/** Runs a program that is done at once. */
const QUICK_PROGRAMS = [join(import.meta.dirname, 'tracked-files.ts')]

const IMPORT = /^(?:import|export)\s(?!type\s)(?:[^'"]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm

/**
 * Returns true if a module starts nothing but itself, neither directly nor by a module of ours that it imports: a test of that
 * kind belongs to `npm run test:quick`.
 * @param file its path
 */
export function startsNothing(file: string): boolean {
  const reached = new Set<string>([file])
  for (const module of reached) {
    if (QUICK_PROGRAMS.includes(module)) continue
    for (const imported of importsOf(module)) {
      if (STARTERS.includes(imported)) return false
      const ours = join(dirname(module), imported)
      if (imported.startsWith('.') && existsSync(ours)) reached.add(ours)
    }
  }
  return true
}

function importsOf(module: string): string[] {
  return [...readFileSync(module, 'utf8').matchAll(IMPORT)].map(([, named, dynamic]) => named ?? dynamic ?? '')
}
