import { KEY_BYTES, keyOf } from '../codec/payload-keys.ts'
import { readSecretLines } from '../codec/secret-lines.ts'
import type { FingerprintKey } from '../contracts/fingerprints.ts'

/** Word in place of a key: fingerprints without one, as a build of before writes them. */
const PLAIN = 'plain'

/**
 * Reads a file of keys for fingerprints: an id and 32 bytes in base64 a line, or an id and the word plain.
 * @returns the keys in the order of the file: the first writes
 * @throws Error with what is wrong with it; it repeats nothing of the file, nor its path
 */
export function readFingerprintKeys(path: string): FingerprintKey[] {
  const keys = readSecretLines(path).map((line) => {
    // It stands behind a dot in rows.
    if (line.id.includes('.')) throw new Error(`${line.at} has an id with a dot`)
    return line.secret === PLAIN ? { id: line.id } : { id: line.id, secret: keyOf(line) }
  })
  if (keys.length === 0) throw new Error(`names a file without a key: it needs a line of an id and ${KEY_BYTES} bytes in base64`)
  return keys
}
