import assert from 'node:assert/strict'
import type { CartItem } from '../../contracts/cart-item.ts'
import type { Line } from '../../contracts/order.ts'

/** Texts that occur nowhere else, so that whoever repeats them is found out. */
export const RECIPIENT = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }

/** The faults tests take theirs from below. */
let lastUser = 400

/** A user of the reference directory whose cart and orders no other test touches. */
export function freshUser(): number {
  assert.ok(lastUser < 500, 'the directory has 500 users: let tests share one')
  return ++lastUser
}

/** Answer to one HTTP call. */
export interface Answer {
  status: number
  headers: Headers
  /** Empty if there is none. */
  body: Record<string, unknown>
}

/** @param key the idempotency key */
export async function call(
  url: string,
  { method = 'GET', body, key }: { method?: string; body?: unknown; key?: string } = {},
): Promise<Answer> {
  const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) }
  const answer = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : {} }
}

/** An input of createOrder; without lines the cart is ordered. */
export function orderOf(userId: number, lines?: Line[]) {
  return { userId, ...RECIPIENT, ...(lines && { lines }) }
}

export async function putIntoCart(httpUrl: string, userId: number, items: (Line & { checked?: boolean })[]): Promise<void> {
  for (const { goodsId, ...item } of items) {
    const { status } = await call(`${httpUrl}/users/${userId}/cart/items/${goodsId}`, { method: 'PUT', body: item })
    assert.equal(status, 200)
  }
}

/** The cart's rows, in goods-id order, without what the goods were called and cost. */
export async function cartOf(httpUrl: string, userId: number): Promise<unknown> {
  const { items } = (await call(`${httpUrl}/users/${userId}/cart/items`)).body as { items: CartItem[] }
  return items.map(({ goodsId, num, checked }) => ({ goodsId, num, checked }))
}
