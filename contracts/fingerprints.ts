import { createHmac } from 'node:crypto'

/** A key under which rows hold fingerprints. One without a secret stands for the plain fingerprint. */
export interface FingerprintKey {
  id: string
  secret?: Buffer
}

/** Thrown if a row's fingerprint can't be compared: this is neither the same request nor another one, and must wait for the key. */
export class MissingFingerprintKey extends Error {
  override readonly name = 'MissingFingerprintKey'
}

/**
 * Rows hold the HMAC of a request's fingerprint (contracts/order-sn.ts), and the id of its key behind it: a plain one is tried out in seconds by whoever knows name and address.
 * The first key writes, each compares, and a row with a plain fingerprint is compared whatever the keys are.
 */
export class Fingerprints {
  readonly #keys: () => readonly FingerprintKey[]
  readonly #onMissing: (id: string) => void

  /**
   * @param keys looked up for each use, since they may change @default none: rows are written plain
   * @param onMissing receives the id of a key that a row needs and that is not there
   */
  constructor(keys: () => readonly FingerprintKey[] = () => [], onMissing: (id: string) => void = () => {}) {
    this.#keys = keys
    this.#onMissing = onMissing
  }

  /** Values that rows may hold of a fingerprint. The first is the one to write. */
  valuesOf(fingerprint: string): [string, ...string[]] {
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
    this.#onMissing(id)
    throw new MissingFingerprintKey(`a row needs the fingerprint key ${id}, which FINGERPRINT_KEYS_FILE lacks`)
  }
}

/** Rows hold plain fingerprints. */
export const PLAIN_FINGERPRINTS = new Fingerprints()

function keyed(fingerprint: string, secret: Buffer): string {
  return createHmac('sha256', secret).update(fingerprint).digest('hex')
}
