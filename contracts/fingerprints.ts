import { createHmac } from 'node:crypto'
import { decryptFingerprint, encryptFingerprint, fingerprintKeyIdIn } from './encrypted-fingerprint.ts'

/** A key under which rows and inputs of runs hold fingerprints. One without a secret stands for the plain fingerprint. */
export interface FingerprintKey {
  id: string
  secret?: Buffer
}

/** Thrown if a fingerprint can't be compared: this is neither the same request nor another one, and must wait for the key. */
export class MissingFingerprintKey extends Error {
  override readonly name = 'MissingFingerprintKey'
}

/**
 * Rows hold the HMAC of a request's fingerprint (contracts/order-sn.ts), and the id of its key behind it: a plain one is tried out in seconds by whoever knows name and address.
 * The first key writes, each compares, and a row with a plain fingerprint is compared whatever the keys are. Inputs of runs hold a fingerprint encrypted by the first key: whoever
 * has the key gets the plain one back, so that it is compared with rows under any. Every method takes it plain or encrypted.
 */
export class Fingerprints {
  readonly #keys: () => readonly FingerprintKey[]
  readonly #onMissing: (id: string) => void

  /**
   * @param keys looked up for each use, since they may change @default none: rows are written plain
   * @param onMissing receives the id of a key that a row, or the input of a run, needs and that is not there
   */
  constructor(keys: () => readonly FingerprintKey[] = () => [], onMissing: (id: string) => void = () => {}) {
    this.#keys = keys
    this.#onMissing = onMissing
  }

  /** Encrypts a fingerprint by the first key, for the input of a run; without one it stays plain. */
  encrypted(fingerprint: string): string {
    const [{ id, secret } = { id: '' }] = this.#keys()
    return secret ? encryptFingerprint(fingerprint, { id, secret }) : fingerprint
  }

  /**
   * Values that rows may hold of a fingerprint. The first is the one to write.
   * @throws MissingFingerprintKey
   */
  valuesOf(given: string): [string, ...string[]] {
    const fingerprint = this.#plain(given)
    const values = this.#keys().map(({ id, secret }) => (secret ? `${keyed(fingerprint, secret)}.${id}` : fingerprint))
    const [first = fingerprint, ...others] = values
    return [...new Set([first, ...others, fingerprint])] as [string, ...string[]]
  }

  /**
   * Reports whether a row holds this fingerprint.
   * @throws MissingFingerprintKey
   */
  isOf(value: string, fingerprint: string): boolean {
    if (this.valuesOf(fingerprint).includes(value)) return true
    const [, id] = value.split('.')
    if (id === undefined || this.#keys().some((key) => key.id === id)) return false
    throw this.#missing(id)
  }

  #plain(given: string): string {
    const id = fingerprintKeyIdIn(given)
    if (id === undefined) return given
    const secret = this.#keys().find((key) => key.id === id)?.secret
    if (!secret) throw this.#missing(id)
    try {
      return decryptFingerprint(given, secret)
    } catch {
      // Another secret has this id here: the key that it needs is as missing as without.
      throw this.#missing(id)
    }
  }

  #missing(id: string): MissingFingerprintKey {
    this.#onMissing(id)
    return new MissingFingerprintKey(`an order needs the fingerprint key ${id}, which FINGERPRINT_KEYS_FILE lacks`)
  }
}

/** Rows hold plain fingerprints. */
export const PLAIN_FINGERPRINTS = new Fingerprints()

function keyed(fingerprint: string, secret: Buffer): string {
  return createHmac('sha256', secret).update(fingerprint).digest('hex')
}
