import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { credentials, type ServiceError, status } from '@grpc/grpc-js'
import { errorInfoOf } from '../../../clients/error-info.ts'
import { OrderServiceClient } from '../../../proto/generated/order.ts'
import { call, orderOf } from '../../e2e/shop.ts'
import type { ChaosShop } from './chaos-shop.ts'
import { Draw } from './draw.ts'

/** An order that was answered, a refusal, or no answer: then the click is repeated. */
type Told = { orderSn: string } | { failure: string } | undefined

/** Refusals by faults: the order is closed, and the next click is a new one. */
const BY_FAULTS = ['OrderTimedOut', 'OrderClosed']
/** Failures that say nothing of the order, or that it may still come. */
const OPEN = ['ServiceUnavailable', 'OrderPending', 'InternalError']
const AGAIN_MS = 500
/** Pause of a user behind an answer. */
const PAUSE_MS = 200

/** Answers to one click, those of all of its senders. */
export interface Click {
  userId: number
  orderSns: string[]
  refused: string[]
  /** Answers that were not heard: the connection broke, or its caller hung up. */
  lost: number
}

/**
 * Users who fill their cart and order it without any key, over gRPC and HTTP, by two senders for each click, each of which repeats what it
 * has no answer to; the next click comes when the one before is answered.
 */
export class Clickers {
  readonly clicks: Click[] = []
  readonly #shop: ChaosShop
  readonly #clients: Record<'lane' | 'single', OrderServiceClient>
  readonly #goodsIds: readonly number[]

  constructor(shop: ChaosShop, goodsIds: readonly number[]) {
    this.#shop = shop
    this.#goodsIds = goodsIds
    const client = (address: string) =>
      new OrderServiceClient(address, credentials.createInsecure(), { 'grpc.max_reconnect_backoff_ms': 1_000 })
    this.#clients = { lane: client(shop.doors.lane), single: client(shop.doors.single) }
  }

  /** Clicks until it is told to stop, and is answered the last time. */
  async click(userId: number, goesOn: () => boolean): Promise<void> {
    const draw = new Draw(userId)
    while (goesOn()) {
      await this.#fillCart(userId, draw)
      const click: Click = { userId, orderSns: [], refused: [], lost: 0 }
      this.clicks.push(click)
      await Promise.all([this.#untilAnswered(click, draw), this.#untilAnswered(click, draw)])
      await sleep(PAUSE_MS)
    }
  }

  close(): void {
    for (const client of Object.values(this.#clients)) client.close()
  }

  async #untilAnswered(click: Click, draw: Draw): Promise<void> {
    for (;;) {
      const told = await this.#send(click.userId, draw)
      if (told && 'orderSn' in told) {
        click.orderSns.push(told.orderSn)
        return
      }
      if (!told || OPEN.includes(told.failure)) click.lost++
      else click.refused.push(told.failure)
      await sleep(AGAIN_MS)
    }
  }

  async #send(userId: number, draw: Draw): Promise<Told> {
    const starter = draw.oneOf(['lane', 'single'])
    // Some callers hang up before they are answered, and so lose the reply.
    const waitMs = draw.chance(0.3) ? draw.between(5, 150) : 20_000
    return draw.chance(0.6) ? await this.#overGrpc(userId, starter, waitMs) : await this.#overHttp(userId, starter, waitMs)
  }

  async #overGrpc(userId: number, starter: 'lane' | 'single', waitMs: number): Promise<Told> {
    const request = { id: 0, post: '', ...orderOf(userId) }
    return await new Promise((resolve) => {
      const sent = this.#clients[starter].orderCreate(request, (error: ServiceError | null, order) => {
        clearTimeout(hangUp)
        if (!error) resolve({ orderSn: order.orderSn })
        else resolve(failureOf(error))
      })
      const hangUp = setTimeout(() => sent.cancel(), waitMs)
    })
  }

  async #overHttp(userId: number, starter: 'lane' | 'single', waitMs: number): Promise<Told> {
    const sent = fetch(`${this.#shop.urls[starter]}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(orderOf(userId)),
      signal: AbortSignal.timeout(waitMs),
    })
    const answer = await sent
      .then(async (response) => ({ code: response.status, body: (await response.json()) as Record<string, string> }))
      .catch(() => undefined)
    if (!answer || answer.code === 202) return undefined
    const { orderSn = '', failure = '' } = answer.body
    return answer.code === 201 ? { orderSn } : { failure }
  }

  async #fillCart(userId: number, draw: Draw): Promise<void> {
    const goodsId = draw.oneOf(this.#goodsIds as [number, ...number[]])
    for (;;) {
      const url = `${this.#shop.urls.lane}/users/${userId}/cart/items/${goodsId}`
      const { status: code } = await call(url, { method: 'PUT', body: { num: 1 } }).catch(() => ({ status: 0 }))
      if (code === 200) return
      await sleep(AGAIN_MS)
    }
  }
}

function failureOf(error: ServiceError): Told {
  if (error.code === status.CANCELLED || error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED)
    return undefined
  return { failure: errorInfoOf(error)?.reason ?? `${status[error.code]} ${error.details}` }
}

/** Holds every click against the orders that stand: one order for one click, of one piece, which all of its senders were answered. */
export async function assertOneOrderEach({ db }: Pick<ChaosShop, 'db'>, clicks: readonly Click[]): Promise<void> {
  const userIds = [...new Set(clicks.map(({ userId }) => userId))]
  const rows = await db
    .selectFrom('orders')
    .select(['user_id', 'order_sn', 'lines'])
    .where('user_id', 'in', userIds)
    .where('confirmed_at', 'is not', null)
    .execute()
  for (const { userId, orderSns, refused } of clicks) {
    assert.equal(new Set(orderSns).size, 1, `user ${userId}: one click was answered ${orderSns}`)
    assert.deepEqual(
      refused.filter((failure) => !BY_FAULTS.includes(failure)),
      [],
      `user ${userId}`,
    )
  }
  for (const { user_id, order_sn, lines } of rows) assert.equal(lines?.length, 1, `order ${order_sn} of user ${user_id}`)
  assert.deepEqual(
    rows.map(({ order_sn }) => order_sn).sort(),
    clicks.map(({ orderSns: [orderSn = ''] }) => orderSn).sort(),
    'an order that no click was answered, or one for two clicks',
  )
}
