import { createHash } from 'node:crypto'
import type { CreateOrderInput, RequestKey } from './create-order.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' // RFC 4648 base32

/**
 * The order's number: 16 base32 characters (80 bits) of SHA-256(userId, requestId). Every party can compute it before
 * anything happens. It keys Sell, Reback, confirm and void. Not for workflow code: the sandbox has no node:crypto.
 */
export function orderSnOf({ userId, requestId }: RequestKey): string {
  const digest = createHash('sha256').update(`${userId}\n${requestId}`).digest()
  let bits = 0
  let held = 0
  let sn = ''
  for (const byte of digest.subarray(0, 10)) {
    bits = (bits << 8) | byte
    held += 8
    while (held >= 5) {
      held -= 5
      sn += ALPHABET[(bits >>> held) & 31]
    }
    bits &= (1 << held) - 1
  }
  return sn
}

/** What a request asks for, as hex SHA-256: equal requests have equal fingerprints, under the same key nothing else may be asked. */
export function fingerprintOf(request: CreateOrderInput): string {
  const asked = [request.userId, request.address, request.name, request.mobile, request.post ?? '', request.lines ?? null]
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex')
}
