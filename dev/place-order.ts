import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CreateOrderResult, RequestKey } from '../contracts/create-order.ts'
import type { Line } from '../contracts/order.ts'

/** An order that was placed, with the key that names it and its run. */
export interface PlacedOrder {
  key: RequestKey
  cart: Line[]
  order: CreateOrderResult
}

/** Users and goods of the reference services: users 1 to 500; goods 1 to 189 are on sale at usual prices. */
const USERS = 500
const GOODS = 189
/** An order is settled long before, whatever becomes of it. Milliseconds. */
const DONE_WITHIN = 300_000
/**
 * HTTP statuses after which the same request is to be sent again: 202, the wait is over and the run goes on, to which the next one
 * attaches; 503, something is not there (yet).
 */
const AGAIN = [202, 503]

/**
 * Puts three goods into the cart of some user and orders the cart, as a shop's front end would.
 * @param tokenOf makes the token of a user, if the starter asks who its callers are
 * @throws Error with the title and detail of the problem that the starter answered, when that does not pass
 */
export async function placeOrder(httpUrl: string, tokenOf?: (userId: number) => Promise<string>): Promise<PlacedOrder> {
  const key = { userId: randomInt(1, USERS + 1), requestId: randomUUID() }
  const headers: Record<string, string> = tokenOf ? { authorization: `Bearer ${await tokenOf(key.userId)}` } : {}
  const cart = Array.from({ length: 3 }, (_, i) => ({ goodsId: 1 + ((key.userId * 7 + i * 61) % GOODS), num: i + 1 }))
  for (const { goodsId, num } of cart) {
    await call(`${httpUrl}/users/${key.userId}/cart/items/${goodsId}`, { method: 'PUT', headers, body: { num, checked: true } })
  }
  const body = { userId: key.userId, address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }
  const request = { method: 'POST', headers: { ...headers, 'idempotency-key': key.requestId }, body }
  return { key, cart, order: (await call(`${httpUrl}/orders`, request)) as CreateOrderResult }
}

/** @returns the answer's body */
async function call(url: string, { method, headers, body }: { method: string; headers?: Record<string, string>; body: unknown }) {
  for (const deadline = performance.now() + DONE_WITHIN; ; await sleep(200)) {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(DONE_WITHIN),
    })
    const answer: unknown = await response.json()
    const { status } = response
    if (AGAIN.includes(status) && performance.now() < deadline) continue
    if (response.ok && !AGAIN.includes(status)) return answer
    const { title, detail } = answer as { title?: string; detail?: string }
    const said = [status, title].filter(Boolean).join(' ')
    throw new Error(`${method} ${new URL(url).pathname} was answered ${said}${detail ? `: ${detail}` : ''}`)
  }
}
