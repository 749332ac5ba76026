import type { PayloadKeys } from '../codec/payload-keys.ts'
import type { ReloadedFile } from '../codec/reloaded-file.ts'
import { decrypt, encrypt } from './aes-gcm.ts'
import type { DataKeyName, KeyWrapping, WrappedKey } from './key-wrapping.ts'

/** Wraps data keys by the first key of a file, and unwraps them by whichever wrapped them. The file is read again when it changes. */
export class FileKeyWrapping implements KeyWrapping {
  readonly #keys: Pick<ReloadedFile<PayloadKeys>, 'recent' | 'latest'>

  constructor(keys: Pick<ReloadedFile<PayloadKeys>, 'recent' | 'latest'>) {
    this.#keys = keys
  }

  get current(): string {
    return this.#keys.recent.first.id
  }

  async wrap(key: Buffer, of: DataKeyName): Promise<WrappedKey> {
    const { id: kek, key: by } = this.#keys.recent.first
    return { wrapped: encrypt(key, by, boundTo(of, kek)), kek }
  }

  async unwrap({ wrapped, kek }: WrappedKey, of: DataKeyName): Promise<Buffer> {
    const by = this.#keys.recent.byId.get(kek) ?? this.#keys.latest.byId.get(kek)
    if (!by) throw new Error(`key ${kek}, by which a data key is wrapped, is not in RECIPIENT_KEYS_FILE: add it`)
    try {
      return decrypt(wrapped, by, boundTo(of, kek))
    } catch {
      throw new Error(
        `a data key was not wrapped by key ${kek} of RECIPIENT_KEYS_FILE, or was altered: compare the files of all processes`,
      )
    }
  }
}

function boundTo({ userId, id }: DataKeyName, kek: string): string {
  return `data key\0${kek}\0${userId}\0${id}`
}
