import type { KeyWrapping } from '../recipients/key-wrapping.ts'
import type { RecipientStore } from '../store/recipients/recipient-store.ts'
import { Refused } from './refused.ts'

/** Data keys that one statement writes. */
const AT_ONCE = 500

interface RewrapDeps {
  recipients: Pick<RecipientStore, 'dataKeysNotWrappedBy' | 'rewrapDataKeys'>
  keyWrapping?: KeyWrapping | undefined
}

/**
 * Has the users' data keys wrapped by the key that wraps now, some at a time: then the keys of before may be destroyed, and whatever was erased is gone
 * from backups as well.
 * @throws Refused if there are no keys to wrap by; Error if a data key can't be unwrapped
 */
export async function rewrapKeys({ recipients, keyWrapping }: RewrapDeps): Promise<string> {
  if (!keyWrapping) throw new Refused("data keys can't be wrapped again: set RECIPIENT_KEYS_FILE")
  const { current } = keyWrapping
  let done = 0
  let afterUser = 0
  for (;;) {
    const keys = await recipients.dataKeysNotWrappedBy({ kek: current, afterUser, atMost: AT_ONCE })
    const last = keys.at(-1)
    if (!last) break
    const rewrapped = await Promise.all(
      keys.map(async (key) => ({ id: key.id, ...(await keyWrapping.wrap(await keyWrapping.unwrap(key, key), key)) })),
    )
    done += await recipients.rewrapDataKeys(rewrapped)
    afterUser = last.userId
  }
  return `${done} data keys were wrapped again; all of them are wrapped by ${current} now: the other keys of the file can go once each process has read it`
}
