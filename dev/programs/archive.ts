import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { unzipSync } from 'fflate'

/**
 * One file out of an archive, whatever folder it lies in there.
 * @param archive zip (a wheel is one) or tar.gz
 * @param name without folder
 * @throws Error when the archive is of neither kind, damaged, or has no such file
 */
export async function extract(archive: Buffer, name: string): Promise<Uint8Array> {
  const found = archive.subarray(0, 2).toString('latin1') === 'PK' ? fromZip(archive, name) : await fromTarball(archive, name)
  if (!found) throw new Error(`the archive holds no file ${name}`)
  return found
}

function fromZip(archive: Buffer, name: string): Uint8Array | undefined {
  return Object.values(unzipSync(archive, { filter: (file) => lastPart(file.name) === name }))[0]
}

/** A tar is a row of files: a head of 512 bytes with name, octal length and kind, then the content, padded to 512 bytes. */
async function fromTarball(archive: Buffer, name: string): Promise<Uint8Array | undefined> {
  const tar = await promisify(gunzip)(archive)
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
