import { createHash } from 'node:crypto'
import { type CreateOrderInput, ORDER_REQUEST, type OrderInput, type RequestKey } from './create-order.ts'
import { type OrderSn, parseOrderSn } from './order.ts'
import { type Fields, isThere } from './schema.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' // RFC 4648 base32

/**
 * The order's number: 16 base32 characters (80 bits) of SHA-256(userId, requestId). Every party can compute it before
 * anything happens. It keys Sell, Reback, confirm and void. Not for workflow code: the sandbox has no node:crypto.
 */
export function orderSnOf({ userId, requestId }: RequestKey): OrderSn {
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
  return parseOrderSn(sn)
}

/**
 * Fields that every fingerprint has, in this order, and the value for a field that was not sent: rows hold fingerprints, so this
 * never changes. Any other field of a request follows under its name (requestId does not: it names the request).
 */
const ALWAYS = { userId: null, address: null, name: null, mobile: null, post: '', lines: null }
const NAMES_THE_REQUEST = 'requestId'

/**
 * Derives from a request, as hex SHA-256, what it asks for: equal requests have equal fingerprints, and under one key nothing
 * else may be asked. A request whose recipient is sealed brings what it was before, encrypted if there are keys (fingerprints.ts).
 */
export function fingerprintOf(request: OrderInput): string {
  if ('sealed' in request) return request.fingerprints[0] ?? ''
  return fingerprintBy(ORDER_REQUEST.fields, request)
}

/** The fingerprint of a request that has these fields: whatever is added to them takes part by itself. */
export function fingerprintBy(fields: Fields, request: CreateOrderInput): string {
  const sent = new Map(Object.entries(request).filter(([, value]) => isThere(value)))
  const always = Object.entries(ALWAYS).map(([name, otherwise]) => sent.get(name) ?? otherwise)
  const others = Object.keys(fields).filter((name) => !Object.hasOwn(ALWAYS, name) && name !== NAMES_THE_REQUEST)
  const asked = others.filter((name) => sent.has(name)).sort()
  const all = [...always, ...asked.map((name) => [name, sent.get(name)])]
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}
