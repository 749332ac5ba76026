import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { PayloadCodec as Codec, Payload } from '@temporalio/common'
import proto from '@temporalio/proto'
import { ENCRYPTED, KEY_ID, keyIdOf } from '../contracts/encrypted-payload.ts'
import type { PayloadKeys } from './payload-keys.ts'
import { PayloadLocked } from './payload-locked.ts'
import type { ReloadedFile } from './reloaded-file.ts'

const CIPHER = 'aes-256-gcm'
const SALT_BYTES = 16
const IV_BYTES = 12
const TAG_BYTES = 16
/** Payloads that one derived key encrypts: far below the 2^32 from which on two random IVs may be equal. */
const PAYLOADS_PER_SALT = 2 ** 24
/** Derived keys that are kept: each process that encrypts has one. */
const KEPT_KEYS = 1_000

const { Payload: PayloadMessage } = proto.temporal.api.common.v1

interface Options {
  /** Absent: what is encrypted waits. */
  keys?: Pick<ReloadedFile<PayloadKeys>, 'recent' | 'latest'> | undefined
  /** False: payloads leave as they are, and those that come encrypted are decrypted. */
  encrypts: boolean
  /** Namespace of the runs: a payload that was copied from another one is refused. */
  namespace: string
}

/**
 * Encrypts what a run takes, gives and remembers before it leaves the process, by AES-256-GCM. What is not encrypted passes, so that
 * histories of before go on. Headers and search attributes are not seen by it.
 *
 * Data of an encrypted payload: salt, IV, the payload as protobuf has it, tag. The key of the file encrypts nothing itself: one derived from it and a salt of the
 * process does, so that the number of payloads that a key of the file may encrypt has no bound.
 */
export class PayloadCodec implements Codec {
  readonly #options: Options
  readonly #derived = new Map<string, Buffer>()
  #salt = randomBytes(SALT_BYTES)
  #left = PAYLOADS_PER_SALT

  /** @throws Error if it is to encrypt, and has no keys */
  constructor(options: Options) {
    if (options.encrypts && !options.keys) throw new Error('payloads can not be encrypted without a key')
    this.#options = options
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const { keys, encrypts } = this.#options
    return keys && encrypts ? payloads.map((payload) => this.#encrypt(payload, keys.recent.first)) : payloads
  }

  /** @throws PayloadLocked if one of them is encrypted and can't be decrypted */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const keyId = keyIdOf(payload)
      return keyId === undefined ? payload : this.#decrypt(payload, keyId)
    })
  }

  #encrypt(payload: Payload, { id, key }: PayloadKeys['first']): Payload {
    if (this.#left-- === 0) {
      this.#salt = randomBytes(SALT_BYTES)
      this.#left = PAYLOADS_PER_SALT - 1
    }
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(CIPHER, this.#derive(id, key, this.#salt), iv).setAAD(this.#bound(id))
    const sealed = [cipher.update(PayloadMessage.encode(payload).finish()), cipher.final()]
    return {
      metadata: { encoding: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(id) },
      data: Buffer.concat([this.#salt, iv, ...sealed, cipher.getAuthTag()]),
    }
  }

  #decrypt({ data }: Payload, keyId: string): Payload {
    const { keys } = this.#options
    const key = keys?.recent.byId.get(keyId) ?? keys?.latest.byId.get(keyId)
    if (!key) throw PayloadLocked.withoutKey(keyId, keys !== undefined)
    const bytes = Buffer.from(data ?? [])
    const salt = bytes.subarray(0, SALT_BYTES)
    const iv = bytes.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES)
    const sealed = bytes.subarray(SALT_BYTES + IV_BYTES, -TAG_BYTES)
    try {
      const decipher = createDecipheriv(CIPHER, this.#derive(keyId, key, salt), iv, { authTagLength: TAG_BYTES })
      decipher.setAAD(this.#bound(keyId)).setAuthTag(bytes.subarray(-TAG_BYTES))
      return PayloadMessage.decode(Buffer.concat([decipher.update(sealed), decipher.final()]))
    } catch {
      throw PayloadLocked.altered(keyId)
    }
  }

  #bound(keyId: string): Buffer {
    return Buffer.from(`${keyId}\0${this.#options.namespace}`)
  }

  #derive(id: string, key: Buffer, salt: Buffer): Buffer {
    // The key itself stands in the name: a file may give an id another key.
    const name = `${id} ${key.toString('base64')} ${salt.toString('base64')}`
    const known = this.#derived.get(name)
    if (known) return known
    const derived = Buffer.from(hkdfSync('sha256', key, salt, 'order-saga payload', key.length))
    const [oldest] = this.#derived.keys()
    if (oldest !== undefined && this.#derived.size >= KEPT_KEYS) this.#derived.delete(oldest)
    this.#derived.set(name, derived)
    return derived
  }
}
