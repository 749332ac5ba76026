import { readSecretLines, type SecretLine } from './secret-lines.ts'

/** Length of a key, in bytes: that of AES-256, and of HMAC-SHA-256. */
export const KEY_BYTES = 32

/** The keys of a file: the first encrypts, each decrypts what names it. */
export interface PayloadKeys {
  first: { id: string; key: Buffer }
  byId: ReadonlyMap<string, Buffer>
}

/**
 * Reads a file of keys: an id and 32 bytes in base64 a line.
 * @throws Error with what is wrong with it; it repeats nothing of the file, nor its path
 */
export function readPayloadKeys(path: string): PayloadKeys {
  const byId = new Map<string, Buffer>()
  for (const line of readSecretLines(path)) byId.set(line.id, keyOf(line))
  const [first] = byId
  if (!first) throw new Error(`names a file without a key: it needs a line of an id and ${KEY_BYTES} bytes in base64`)
  return { first: { id: first[0], key: first[1] }, byId }
}

/** The key of a line. @throws Error if it is none */
export function keyOf({ secret, at }: Pick<SecretLine, 'secret' | 'at'>): Buffer {
  const key = Buffer.from(secret, 'base64')
  if (key.toString('base64') !== secret || key.length !== KEY_BYTES) {
    throw new Error(`${at} has a key that is not ${KEY_BYTES} bytes in base64: openssl rand -base64 ${KEY_BYTES}`)
  }
  return key
}
