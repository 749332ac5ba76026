import { createHash } from 'node:crypto'
import type { Checksums } from './checksums.ts'

/**
 * Refuses a downloaded file that is not, byte for byte, the one that was released. It stands before anything that reads
 * the file: an archive that somebody made up is not even unpacked.
 * @throws Error that names the file, the checksum found and the one expected
 */
export function verifyChecksum(file: string, content: Uint8Array, checksums: Checksums): void {
  const expected = checksums[file]
  if (!expected) throw new Error(`no checksum is known for ${file}, so it is not used: dev/programs/checksums.ts lists them`)
  const found = createHash('sha256').update(content).digest('hex')
  if (found !== expected) {
    throw new Error(`${file} is not the file that was released, so it is not used: its sha256 is ${found}, expected ${expected}`)
  }
}
