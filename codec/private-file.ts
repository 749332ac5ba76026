import { readFileSync, type Stats, statSync } from 'node:fs'

/** Permissions of anybody but the owner. */
const OTHERS = 0o077
/** Permission of the group to read. */
const GROUP_READS = 0o040

/**
 * Reads a file of its owner alone.
 * @throws Error with what is wrong with it, as words that follow the name of its setting; it repeats nothing of the file, nor its path
 */
export function readPrivateFile(path: string): string {
  let stats: Stats
  let content: string
  try {
    stats = statSync(path)
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`names a file that can't be read (${(error as NodeJS.ErrnoException).code})`)
  }
  // Windows has no such permissions, and reports the same ones of every file.
  if (process.platform !== 'win32' && isOpen(stats)) {
    const octal = (stats.mode & 0o777).toString(8).padStart(4, '0')
    throw new Error(`names a file that others than its owner may use (its mode is ${octal}): chmod 0400 it`)
  }
  return content
}

/**
 * Reports whether others may use a file. Root's may be read by its group: Kubernetes mounts a Secret so for a pod that does not run as root,
 * and PostgreSQL's clients take their keys by the same rule.
 */
export function isOpen({ mode, uid }: Pick<Stats, 'mode' | 'uid'>, reader = process.getuid?.()): boolean {
  const isRootsForUs = uid === 0 && reader !== 0
  return (mode & (isRootsForUs ? OTHERS & ~GROUP_READS : OTHERS)) !== 0
}
