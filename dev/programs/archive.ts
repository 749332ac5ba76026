import { promisify } from 'node:util'
import { gunzip, type ZlibOptions } from 'node:zlib'
import { type UnzipFileInfo, unzipSync } from 'fflate'

/** Bytes; the largest program of ours has 160 MB. */
const MAX_BYTES = 512 << 20

/**
 * One file out of an archive, whatever folder it lies in there.
 * @param archive zip (a wheel is one) or tar.gz
 * @param name without folder
 * @param maxBytes size of the unpacked archive beyond which it is refused
 * @throws Error when the archive is of neither kind, damaged, too large, or has no such file
 */
export async function extract(archive: Buffer, name: string, maxBytes = MAX_BYTES): Promise<Uint8Array> {
  const found =
    archive.subarray(0, 2).toString('latin1') === 'PK'
      ? fromZip(archive, name, maxBytes)
      : await fromTarball(archive, name, maxBytes)
  if (!found) throw new Error(`the archive holds no file ${name}`)
  return found
}

function fromZip(archive: Buffer, name: string, maxBytes: number): Uint8Array | undefined {
  const isWanted = (file: UnzipFileInfo) => lastPart(file.name) === name && file.originalSize <= maxBytes
  return Object.values(unzipSync(archive, { filter: isWanted }))[0]
}

/** A tar is a row of files: a head of 512 bytes with name, octal length and kind, then the content, padded to 512 bytes. */
async function fromTarball(archive: Buffer, name: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const tar = await promisify<Buffer, ZlibOptions, Buffer>(gunzip)(archive, { maxOutputLength: maxBytes })
  for (let at = 0; at + 512 <= tar.length; ) {
    const text = (from: number, length: number) => tar.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '')
    const length = Number.parseInt(text(124, 12), 8) || 0
    const isFile = ['', '0'].includes(text(156, 1))
    if (isFile && lastPart(text(0, 100)) === name) return tar.subarray(at + 512, at + 512 + length)
    at += 512 + Math.ceil(length / 512) * 512
  }
  return undefined
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
