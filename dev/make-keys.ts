import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'

/** Makes a file of one key of 32 bytes, for its owner alone, unless there is one already. */
export function makeKeys(file: string): void {
  if (!existsSync(file)) writeFileSync(file, `dev ${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
}
