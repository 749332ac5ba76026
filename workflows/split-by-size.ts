import { encodedBytes } from '../contracts/encoded-size.ts'

/** Parts of a list, in its order, each of at most so many encoded bytes; what is larger by itself is a part of its own. */
export function splitBySize<T>(items: readonly T[], maxBytes: number): T[][] {
  const parts: T[][] = []
  let bytesLeft = 0
  for (const item of items) {
    const size = encodedBytes(item)
    if (size > bytesLeft) {
      parts.push([])
      bytesLeft = maxBytes
    }
    parts.at(-1)?.push(item)
    bytesLeft -= size
  }
  return parts
}
