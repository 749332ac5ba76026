import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NamedRequest } from '../../../contracts/create-order.ts'
import { mergeLines } from '../../../contracts/order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { isFinal, place } from '../../e2e/faults/place.ts'
import { RECIPIENT } from '../../e2e/shop.ts'
import type { Asked, Told } from '../chaos/asked.ts'
import { Draw } from '../chaos/draw.ts'

/** Time before a buyer without a final answer asks again. Milliseconds. */
const AGAIN_MS = 1_500
const TICK_MS = 20
/** Buyers who ask once more at the same time, when all is over. */
const ASKING = 8

/** An order, and when its buyer got the first final answer: Date.now(). */
export type Bought = Asked & { sentAt: number; finalAt?: number }

/** People who order at a steady rate, each under a key, and ask again until they have a final answer. */
export class Buyers {
  readonly asked: Bought[] = []
  readonly #url: string
  readonly #seed: number
  readonly #agent = new Agent({ keepAlive: true })
  readonly #underWay = new Set<Promise<void>>()
  #haveLeft = false

  constructor(url: string, seed: number) {
    this.#url = url
    this.#seed = seed
  }

  /** Number of buyers without a final answer. */
  get open(): number {
    return this.#underWay.size
  }

  /**
   * Sends so many orders, whatever becomes of those before.
   * @param onSent called with their number behind each
   * @param signal ends it before
   */
  async order(orders: number, perSecond: number, onSent: (sent: number) => void, signal?: AbortSignal): Promise<void> {
    const beganAt = performance.now()
    for (let sent = 0; sent < orders && !signal?.aborted; await sleep(TICK_MS)) {
      const due = Math.min(orders, Math.ceil(((performance.now() - beganAt) * perSecond) / 1_000))
      for (; sent < due; sent++) {
        const buying: Promise<void> = this.#buy(sent).finally(() => this.#underWay.delete(buying))
        this.#underWay.add(buying)
        onSent(sent + 1)
      }
    }
  }

  /** Comes back when everybody has a final answer. */
  async satisfied(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** Has everybody ask once more, until there is a final answer. */
  async askAgain(): Promise<void> {
    const all = [...this.asked]
    const askOn = async () => {
      for (let one = all.pop(); one && !this.#haveLeft; one = all.pop()) await this.#untilFinal(one)
    }
    await Promise.all(Array.from({ length: ASKING }, askOn))
  }

  leave(): void {
    this.#haveLeft = true
    this.#agent.destroy()
  }

  async #buy(place: number): Promise<void> {
    const draw = new Draw(this.#seed, place)
    const line = () => ({ goodsId: draw.between(2, 185), num: draw.between(1, 3) })
    const lines = mergeLines(Array.from({ length: draw.between(1, 3) }, line))
    // A user each, since an order that waits locks its user.
    const request: NamedRequest = { userId: 1_000 + place, requestId: `failover-${this.#seed}-${place}`, ...RECIPIENT, lines }
    const asked: Bought = {
      ...{ orderSn: orderSnOf(request), kind: 'good', request, lines, told: [], toldOthers: [], moves: [] },
      ...{ sentAtMs: 0, sentAt: Date.now() },
    }
    this.asked.push(asked)
    await this.#untilFinal(asked)
    asked.finalAt = Date.now()
  }

  async #untilFinal(asked: Bought): Promise<void> {
    for (; !this.#haveLeft; await sleep(AGAIN_MS)) {
      const told = await this.#place(asked.request)
      asked.told.push(told)
      if (isFinal(told)) return
    }
  }

  async #place(request: NamedRequest): Promise<Told> {
    try {
      const answer = await place(this.#url, request, this.#agent)
      if (answer.kind === 'refused' && answer.failure === 'InternalError') return { kind: 'bad', what: 'InternalError' }
      return answer
    } catch (error) {
      return { kind: 'bad', what: (error as Error).message }
    }
  }
}
