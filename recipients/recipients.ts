import { randomBytes, randomUUID } from 'node:crypto'
import { failureOf } from '../contracts/application-failure.ts'
import type { NamedRequest, OrderRequest, Recipient } from '../contracts/create-order.ts'
import { failure } from '../contracts/failures.ts'
import { type Fingerprints, PLAIN_FINGERPRINTS } from '../contracts/fingerprints.ts'
import { fingerprintOf, orderSnOf } from '../contracts/order-sn.ts'
import { dataKeyIdIn } from '../contracts/sealed-recipient.ts'
import type { StoredDataKey } from '../store/recipients/data-keys.ts'
import type { RecipientStore } from '../store/recipients/recipient-store.ts'
import { SharedReads } from '../store/shared-reads.ts'
import type { KeyWrapping } from './key-wrapping.ts'
import { type DataKey, type SealedFor, seal, unseal } from './seal.ts'

/** Length of a key of AES-256, in bytes. */
const KEY_BYTES = 32
/** Users whose keys one statement asks for. */
const AT_ONCE = 100
/** Data keys that are kept unwrapped. */
const KEPT_KEYS = 10_000

interface RecipientsDeps {
  store: Pick<RecipientStore, 'dataKeys' | 'addDataKey'>
  /** Absent: nothing is sealed, and nothing that others have sealed can be read. */
  wrapping?: KeyWrapping | undefined
  /** True if recipients are sealed from here on. */
  seals: boolean
  /** Encrypts the fingerprints that go with sealed recipients. @default they are plain */
  fingerprints?: Pick<Fingerprints, 'encrypted'>
  /** Receives why a key could not be used; it names no user. */
  onProblem: (problem: string) => void
}

/**
 * Seals recipients by keys of their users, and opens them. A user's key is asked for of the store each time, since whoever erased it has erased what
 * it sealed; only its unwrapping is remembered.
 */
export class Recipients {
  readonly #deps: RecipientsDeps
  readonly #keys: SharedReads<StoredDataKey>
  readonly #unwrapped = new Map<string, Promise<Buffer>>()

  constructor(deps: RecipientsDeps) {
    this.#deps = deps
    this.#keys = new SharedReads(AT_ONCE, async (userIds) => {
      const keys = await deps.store.dataKeys(userIds.map(Number))
      return new Map(keys.map((key) => [String(key.userId), key]))
    })
  }

  /**
   * Seals the recipient of a request, if recipients are sealed here.
   * @throws ApplicationFailure ServiceUnavailable if no key can be used now; the store's error
   */
  async seal(request: NamedRequest): Promise<OrderRequest> {
    if (!this.#deps.seals) return request
    const { address, name, mobile, post, ...others } = request
    const recipient = { address, name, mobile, ...(post !== undefined && { post }) }
    const of = { userId: request.userId, orderSn: orderSnOf(request) }
    const { fingerprints = PLAIN_FINGERPRINTS } = this.#deps
    const fingerprint = fingerprints.encrypted(fingerprintOf(request))
    return { ...others, sealed: await this.sealFor(of, recipient), fingerprints: [fingerprint] }
  }

  /** Seals the recipient of an order. @throws as `seal` does */
  async sealFor(of: SealedFor, recipient: Recipient): Promise<string> {
    return seal(recipient, await this.#keyFor(of.userId), of)
  }

  /**
   * Opens a sealed recipient.
   * @returns `undefined` if its key was erased
   * @throws ApplicationFailure ServiceUnavailable if the key can't be used now; the store's error
   */
  async unseal(sealed: string, of: SealedFor): Promise<Recipient | undefined> {
    const stored = await this.#keys.get(String(of.userId))
    if (!stored || stored.id !== dataKeyIdIn(sealed)) return undefined
    const key = await this.#unwrap(stored)
    return this.#orUnavailable('a recipient could not be opened', () => unseal(sealed, key, of))
  }

  async #keyFor(userId: number): Promise<DataKey> {
    for (;;) {
      const stored = await this.#keys.get(String(userId))
      if (stored) return await this.#unwrap(stored)
      const id = randomUUID()
      const key = randomBytes(KEY_BYTES)
      const wrapped = await this.#orUnavailable('a data key could not be wrapped', () =>
        this.#wrapping().wrap(key, { userId, id }),
      )
      // Another one may have been there first, and is asked for then.
      await this.#deps.store.addDataKey({ userId, id, ...wrapped })
    }
  }

  async #unwrap(stored: StoredDataKey): Promise<DataKey> {
    const { id, userId } = stored
    const known = this.#unwrapped.get(id)
    if (known) return { id, key: await known }
    const unwrapping = this.#orUnavailable('a data key could not be unwrapped', () =>
      this.#wrapping().unwrap(stored, { userId, id }),
    )
    const [oldest] = this.#unwrapped.keys()
    if (oldest !== undefined && this.#unwrapped.size >= KEPT_KEYS) this.#unwrapped.delete(oldest)
    this.#unwrapped.set(id, unwrapping)
    unwrapping.catch(() => this.#unwrapped.delete(id))
    return { id, key: await unwrapping }
  }

  #wrapping(): KeyWrapping {
    const { wrapping } = this.#deps
    if (!wrapping) throw new Error('recipients are sealed, and RECIPIENT_KEYS_FILE is not set')
    return wrapping
  }

  async #orUnavailable<T>(what: string, attempt: () => T | Promise<T>): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      this.#deps.onProblem(`${what}: ${(error as Error).message}`)
      throw failureOf(failure('ServiceUnavailable', 'the keys of recipients can not be used now', { service: 'recipient-keys' }))
    }
  }
}
