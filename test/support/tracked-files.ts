import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** The files of this project that git knows, by their paths from its root: what a check of the code looks at. */
export function trackedFiles(...patterns: string[]): string[] {
  const cwd = join(import.meta.dirname, '../..')
  return execFileSync('git', ['ls-files', ...patterns], { cwd, encoding: 'utf8' })
    .trim()
    .split('\n')
}
