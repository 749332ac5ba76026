import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { RECIPIENT } from '../shop.ts'
import { type Answer, place } from './place.ts'

/** An order that was sent once, and its first answer. Milliseconds since the epoch. */
export interface SentOrder {
  orderSn: string
  answer: Answer
  sentAt: number
  answeredAt: number
}

/** Orders as they come: at their rate, whatever becomes of those before. Each has a user of its own, since one that waits locks its user. */
export class SteadyLoad {
  readonly #goodsIds: readonly number[]
  readonly #firstUser: number
  readonly #sent: Promise<SentOrder>[] = []
  readonly #agent = new Agent({ keepAlive: true })
  readonly #timer: NodeJS.Timeout

  /** @param firstUser the users from this one on are taken */
  constructor(url: string, ordersPerSecond: number, { goodsIds, firstUser }: { goodsIds: readonly number[]; firstUser: number }) {
    this.#goodsIds = goodsIds
    this.#firstUser = firstUser
    this.#timer = setInterval(() => this.#sent.push(this.#send(url)), 1_000 / ordersPerSecond)
  }

  /** Comes back when each order has its answer. */
  async stop(): Promise<SentOrder[]> {
    clearInterval(this.#timer)
    const sent = await Promise.all(this.#sent)
    this.#agent.destroy()
    return sent
  }

  async #send(url: string): Promise<SentOrder> {
    const order = {
      userId: this.#firstUser + this.#sent.length,
      requestId: randomUUID(),
      ...RECIPIENT,
      lines: this.#goodsIds.map((goodsId) => ({ goodsId, num: 1 })),
    }
    const sentAt = Date.now()
    const answer = await place(url, order, this.#agent)
    return { orderSn: orderSnOf(order), answer, sentAt, answeredAt: Date.now() }
  }
}
