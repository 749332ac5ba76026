import { readFileSync, statSync } from 'node:fs'

/** Permissions of anybody but the owner. */
const OTHERS = 0o077

/**
 * Reads a file of its owner alone.
 * @throws Error with what is wrong with it, as words that follow the name of its setting; it repeats nothing of the file, nor its path
 */
export function readPrivateFile(path: string): string {
  let mode: number
  let content: string
  try {
    mode = statSync(path).mode
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`names a file that can't be read (${(error as NodeJS.ErrnoException).code})`)
  }
  // Windows has no such permissions, and reports the same ones of every file.
  if (process.platform !== 'win32' && mode & OTHERS) {
    const octal = (mode & 0o777).toString(8).padStart(4, '0')
    throw new Error(`names a file that others than its owner may use (its mode is ${octal}): chmod 0400 it`)
  }
  return content
}
