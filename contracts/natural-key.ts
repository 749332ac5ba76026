import type { Line } from './order.ts'

/** Parts of the key of an order from the cart whose request names none. */
export interface NaturalKey {
  /** Revision of the cart: every edit by its user raises it. */
  revision: number
  /** The fingerprint of the request, as a row holds it. */
  fingerprint: string
  /** Number of keys of this revision and fingerprint that a refusal has spent. */
  spent: number
}

/** Digits of the fingerprint that stand in the key: it tells apart the requests of one user at one revision. */
const DIGITS = 16

/** The beginning of a fingerprint that stands in the key. */
export function keyPartOf(fingerprint: string): string {
  return fingerprint.slice(0, DIGITS)
}

/** The key by which equal requests meet in one order until the cart is edited, or the order refused (docs/adr/0019). */
export function naturalKeyOf({ revision, fingerprint, spent }: NaturalKey): string {
  return `cart-${revision}-${keyPartOf(fingerprint)}-${spent}`
}

/**
 * Returns the revision whose cart an order of this key takes; `undefined` if any cart will do. A key that a caller made up is a natural one
 * only if it holds the fingerprint of the very request, so no key that merely looks like one is taken for it.
 */
export function cartRevisionIn(request: {
  requestId: string
  /** Values that a row may hold of its fingerprint (contracts/fingerprints.ts). */
  fingerprints: readonly string[]
  lines?: readonly Line[] | undefined
}): number | undefined {
  if (request.lines) return undefined
  const [, revision, part] = /^cart-(\d{1,15})-([0-9a-f]{16})-\d{1,15}$/.exec(request.requestId) ?? []
  return request.fingerprints.some((one) => part === keyPartOf(one)) ? Number(revision) : undefined
}
