import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { RECIPIENT } from '../shop.ts'
import { type Answer, place } from './place.ts'

/** Pause of a client between two orders: a load that never rests would be a measure of the machine. Milliseconds. */
const PAUSE_MS = 100

/** Users of each client; nobody else orders for them meanwhile. */
export const USERS_OF_A_CLIENT = 20

export interface SentByClient {
  orderSn: string
  answer: Answer
  /** The starter that answered. */
  url: string
}

/**
 * One client: order after order, each for the next of its users, until the signal is aborted. If nobody listens any more it
 * goes to the next starter, for good.
 */
export async function orderAndOrder(
  urls: readonly string[],
  { goodsIds, firstUser }: { goodsIds: readonly number[]; firstUser: number },
  signal: AbortSignal,
): Promise<SentByClient[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const sent: SentByClient[] = []
  const others = urls.slice(1)
  let url = urls[0] as string
  while (!signal.aborted) {
    const order = {
      userId: firstUser + (sent.length % USERS_OF_A_CLIENT),
      requestId: randomUUID(),
      ...RECIPIENT,
      lines: goodsIds.map((goodsId) => ({ goodsId, num: 1 })),
    }
    let answer = await place(url, order, agent)
    while (answer.kind === 'unreached' && others.length > 0) {
      url = others.shift() as string
      answer = await place(url, order, agent)
    }
    sent.push({ orderSn: orderSnOf(order), answer, url })
    await sleep(PAUSE_MS)
  }
  agent.destroy()
  return sent
}
