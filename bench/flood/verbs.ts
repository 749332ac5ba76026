import { orderBody } from '../order-body.ts'

/** One request of a flood. */
export interface FloodRequest {
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
}

const json = { 'content-type': 'application/json' }

/**
 * The requests with which one caller floods a starter, by what it asks. Each is given a number that no other has.
 */
export const VERBS = {
  'POST /orders': (n) => ({
    method: 'POST',
    path: '/orders',
    headers: { ...json, 'idempotency-key': `flood-${n}` },
    body: JSON.stringify(orderBody(n, { lines: 3, soldOut: false, choice: 'apart' })),
  }),
  'POST /orders, no order': (n) => ({ method: 'POST', path: '/orders', headers: json, body: `{"userId":${n}}` }),
  'GET /orders/{orderSn}': (n) => ({ method: 'GET', path: `/orders/${unknownSn(n)}` }),
  'GET /orders': (n) => ({ method: 'GET', path: `/orders?userId=${n}` }),
  'POST /orders/{orderSn}/cancel': (n) => ({ method: 'POST', path: `/orders/${unknownSn(n)}/cancel`, headers: json, body: '{}' }),
  'GET /users/{userId}/cart': (n) => ({ method: 'GET', path: `/users/${n}/cart` }),
  'POST /users/{userId}/cart/items': (n) => ({
    method: 'POST',
    path: `/users/${n}/cart/items`,
    headers: json,
    body: JSON.stringify({ goodsId: 1 + (n % 1_000), num: 1 }),
  }),
  'GET /events': () => ({ method: 'GET', path: '/events?limit=100' }),
} as const satisfies Record<string, (n: number) => FloodRequest>

export type Verb = keyof typeof VERBS

/** An order number that has the form of one, and is that of no order. */
function unknownSn(n: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return Array.from({ length: 16 }, (_, i) => letters[Math.floor(n / 32 ** (i % 5)) % 32]).join('')
}
