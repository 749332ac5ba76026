import { readPrivateFile } from './private-file.ts'

/** Line of a file of secrets: what it is called, and the secret. */
export interface SecretLine {
  id: string
  secret: string
  /** Number of the line, as words that messages about it begin with. */
  at: string
}

/**
 * Reads a file of secrets: an id and the secret a line, empty lines and lines that begin with # aside.
 * @throws Error with what is wrong with it; it repeats nothing of the file, nor its path
 */
export function readSecretLines(path: string): SecretLine[] {
  const seen = new Set<string>()
  return readPrivateFile(path)
    .split('\n')
    .flatMap((line, i) => {
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
