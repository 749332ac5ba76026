import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const IMPORT = /^(?:import|export)\s(?!type\s)(?:[^'"]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm

/** Modules and packages that a module runs when it is loaded. */
export interface Reached {
  /** Paths of the modules of ours: itself, and what it imports, directly or not. */
  modules: ReadonlySet<string>
  /** Packages that any of them imports, modules of Node included. */
  packages: ReadonlySet<string>
}

/**
 * Follows the imports of a module; those of types alone run nothing, and don't count.
 * @param file its path
 * @param skipped paths of modules whose imports are not followed
 */
export function modulesReached(file: string, skipped: readonly string[] = []): Reached {
  const modules = new Set<string>([file])
  const packages = new Set<string>()
  for (const module of modules) {
    if (skipped.includes(module)) continue
    for (const [, named, dynamic] of readFileSync(module, 'utf8').matchAll(IMPORT)) {
      const imported = named ?? dynamic ?? ''
      const ours = join(dirname(module), imported)
      if (!imported.startsWith('.')) packages.add(imported)
      else if (existsSync(ours)) modules.add(ours)
    }
  }
  return { modules, packages }
}
