import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Settings by which what runs hold in Temporal is encrypted, by a key that is made for this data folder.
 * @param encrypted false: what an earlier start has encrypted is read, if there is such a key, and nothing is encrypted
 */
export function payloadSettings(dataDir: string, encrypted: boolean): NodeJS.ProcessEnv {
  const file = join(dataDir, 'payload-keys')
  if (encrypted && !existsSync(file)) writeFileSync(file, `dev ${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  return existsSync(file) ? { PAYLOAD_KEYS_FILE: file, ...(encrypted && { PAYLOAD_ENCRYPTION: 'encode' }) } : {}
}
