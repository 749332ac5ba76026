import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PayloadCodec } from '../../codec/payload-codec.ts'
import { readPayloadKeys } from '../../codec/payload-keys.ts'
import { ReloadedFile } from '../../codec/reloaded-file.ts'
import { tempDir } from './temp-dir.ts'

/** Lines of a file of keys, by their ids; the same id has the same key within one run of mocha. */
const LINES = new Map<string, string>()

/** Writes a file of keys that only its owner may read, in this order. */
export function writeKeys(path: string, ...ids: string[]): void {
  for (const id of ids) if (!LINES.has(id)) LINES.set(id, `${id} ${randomBytes(32).toString('base64')}`)
  writeFileSync(path, `# keys of a test\n${ids.map((id) => LINES.get(id)).join('\n')}\n`, { mode: 0o600 })
}

/** Path of a new file of keys. */
export async function keysFile(...ids: string[]): Promise<string> {
  const path = join(await tempDir(), 'payload-keys')
  writeKeys(path, ...ids)
  return path
}

/** A codec over a file of keys; it encrypts unless it is for decoding alone. */
export function codecOver(path: string, { encrypts = true, namespace = 'default' } = {}): PayloadCodec {
  const onProblem = (problem: string) => {
    throw new Error(problem)
  }
  return new PayloadCodec({ keys: new ReloadedFile(path, readPayloadKeys, onProblem), encrypts, namespace })
}
