import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeKeys } from './make-keys.ts'

/**
 * Settings by which what runs hold in Temporal is encrypted, and recipients are sealed, by keys that are made for this data folder.
 * @param encrypted false: what an earlier start has encrypted is read, if there is such a key, and nothing is encrypted
 */
export function payloadSettings(dataDir: string, encrypted: boolean): NodeJS.ProcessEnv {
  return {
    ...settingsOf(join(dataDir, 'payload-keys'), encrypted, { file: 'PAYLOAD_KEYS_FILE', on: { PAYLOAD_ENCRYPTION: 'encode' } }),
    ...recipientSettings(dataDir, encrypted),
  }
}

/** The settings of recipients alone. */
export function recipientSettings(dataDir: string, sealed: boolean): NodeJS.ProcessEnv {
  return settingsOf(join(dataDir, 'recipient-keys'), sealed, { file: 'RECIPIENT_KEYS_FILE', on: { RECIPIENTS: 'sealed' } })
}

function settingsOf(path: string, encrypted: boolean, setting: { file: string; on: NodeJS.ProcessEnv }): NodeJS.ProcessEnv {
  if (encrypted) makeKeys(path)
  return existsSync(path) ? { [setting.file]: path, ...(encrypted && setting.on) } : {}
}
