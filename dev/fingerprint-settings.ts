import { join } from 'node:path'
import { makeKeys } from './make-keys.ts'

/** The setting by which rows hold fingerprints under a key that is made for this data folder. */
export function fingerprintSettings(dataDir: string): NodeJS.ProcessEnv {
  const FINGERPRINT_KEYS_FILE = join(dataDir, 'fingerprint-keys')
  makeKeys(FINGERPRINT_KEYS_FILE)
  return { FINGERPRINT_KEYS_FILE }
}
