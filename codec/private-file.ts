import { readFileSync, statSync } from 'node:fs'

/** Permissions of anybody but the owner. */
const OTHERS = 0o077

/** Line of a file of secrets: what it is called, and the secret. */
export interface SecretLine {
  id: string
  secret: string
  /** Path of the file, for messages about it. */
  at: string
}

/**
 * Reads a file of secrets: an id and the secret a line, empty lines and lines that begin with # aside.
 * @throws Error with what is wrong with it; it repeats nothing of the file, nor its path
 */
export function readPrivateFile(path: string): SecretLine[] {
  let text: string
  try {
    // Windows has no such permissions, and reports the same ones of every file.
    if (process.platform !== 'win32' && statSync(path).mode & OTHERS) {
      throw new Error('names a file that others than its owner may read or write: chmod 600')
    }
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code ? new Error(`names a file that can't be read (${code})`) : error
  }
  const seen = new Set<string>()
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const at = `names a file whose line ${i + 1}`
    const [id = '', secret = '', ...further] = line.trim().split(/\s+/)
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(id) || !secret || further.length > 0) {
      throw new Error(`${at} is not an id of letters, digits, '.', '_' and '-', a space and a secret`)
    }
    if (seen.has(id)) throw new Error(`${at} has an id that another line has`)
    seen.add(id)
    return [{ id, secret, at }]
  })
}
