import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
/** Begins the text, before the id of the key: no fingerprint, and nothing that a row holds, begins so. */
const MARK = 'encrypted'
const USE = 'order-saga: fingerprints in runs'

interface DerivedKeys {
  /** Encrypts. */
  key: Buffer
  /** Makes the IV of the fingerprint. */
  ivKey: Buffer
}
const derived = new WeakMap<Buffer, DerivedKeys>()

/**
 * Encrypts a fingerprint, for the input of a run: whoever reads that can't try out what it was made of. Equal fingerprints are equal texts under one key, as the requests that they
 * stand for are: the IV is made of the fingerprint, and repeats for no other.
 */
export function encryptFingerprint(fingerprint: string, { id, secret }: { id: string; secret: Buffer }): string {
  const { key, ivKey } = keysOf(secret)
  const iv = createHmac('sha256', ivKey).update(fingerprint).digest().subarray(0, IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv)
  const bytes = Buffer.concat([iv, cipher.update(fingerprint), cipher.final(), cipher.getAuthTag()])
  return `${MARK}.${id}.${bytes.toString('base64url')}`
}

/** Returns the id of the key that encrypted this text; `undefined` for a plain fingerprint. */
export function fingerprintKeyIdIn(text: string): string | undefined {
  const [mark, id, ...others] = text.split('.')
  return mark === MARK && others.length === 1 ? id : undefined
}

/** @throws Error if it was encrypted by another key, or altered */
export function decryptFingerprint(text: string, secret: Buffer): string {
  const bytes = Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url')
  const decipher = createDecipheriv(CIPHER, keysOf(secret).key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString()
}

/** The secret itself makes what rows hold; runs have keys of their own, derived from it. */
function keysOf(secret: Buffer): DerivedKeys {
  const known = derived.get(secret)
  if (known) return known
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', USE, 2 * KEY_BYTES))
  const keys = { key: bytes.subarray(0, KEY_BYTES), ivKey: bytes.subarray(KEY_BYTES) }
  derived.set(secret, keys)
  return keys
}
