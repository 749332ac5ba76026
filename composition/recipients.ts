import { readPayloadKeys } from '../codec/payload-keys.ts'
import { ReloadedFile } from '../codec/reloaded-file.ts'
import type { StarterConfig } from '../config/config.ts'
import type { Fingerprints } from '../contracts/fingerprints.ts'
import { FileKeyWrapping } from '../recipients/file-key-wrapping.ts'
import type { KeyWrapping } from '../recipients/key-wrapping.ts'
import { Recipients } from '../recipients/recipients.ts'
import type { RecipientStore } from '../store/recipients/recipient-store.ts'

type Settings = Pick<StarterConfig, 'recipientKeysFile' | 'recipients'>
/** Reports keys that can't be used. */
type Warn = (message: string) => void

/**
 * Returns the part that seals and opens the recipients of orders, by the keys that the settings name.
 * @param fingerprints encrypts the fingerprint that goes with a sealed request
 */
export function recipientsBy(settings: Settings, store: RecipientStore, warn: Warn, fingerprints: Fingerprints): Recipients {
  return new Recipients({
    store,
    fingerprints,
    wrapping: keyWrapping(settings, warn),
    seals: settings.recipients === 'sealed',
    onProblem: warn,
  })
}

/** The keys that wrap data keys: a file, if the settings name one. Another key management service is put here. */
export function keyWrapping({ recipientKeysFile }: Pick<Settings, 'recipientKeysFile'>, warn: Warn): KeyWrapping | undefined {
  if (recipientKeysFile === undefined) return undefined
  const onProblem = (problem: string) => warn(`the keys of before stay in use: RECIPIENT_KEYS_FILE ${problem}`)
  return new FileKeyWrapping(new ReloadedFile(recipientKeysFile, readPayloadKeys, onProblem))
}
