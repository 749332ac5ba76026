import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOrderWorkflowId, type NamedRequest } from '../../../contracts/create-order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { isFinal, place } from '../../e2e/faults/place.ts'
import { call } from '../../e2e/shop.ts'
import type { Asked, Moved, Told } from './asked.ts'
import type { ChaosShop } from './chaos-shop.ts'
import { liveOn } from './live-on.ts'
import { CART_USERS, type PlannedOrder } from './planned-order.ts'

/**
 * Orders without an answer at the same time. What the lane hands over costs ten times as much: with no bound, the orders that
 * come during an outage would keep two cores from ever catching up.
 */
const MAX_OPEN = 120
/** Time before a customer asks again, at first; it doubles each time, up to the last. Milliseconds. */
const AGAIN_MS = 1_500
const LOOK_EVERY_MS = 100
const AGAIN_AT_MOST_MS = 15_000

type StarterName = PlannedOrder['starter']

/** They order, ask again as long as the answer is open, and note every answer. */
export class Customers {
  readonly asked: Asked[] = []
  readonly #shop: ChaosShop
  readonly #start = Date.now()
  readonly #agents = { lane: new Agent({ keepAlive: true }), single: new Agent({ keepAlive: true }) }
  readonly #underWay = new Set<Promise<void>>()
  /** Whose cart nobody orders at this moment. */
  readonly #freeCarts: number[] = []
  #open = 0
  #requests = 0
  #haveLeft = false

  constructor(shop: ChaosShop) {
    this.#shop = shop
    for (let user = CART_USERS.from; user <= CART_USERS.to; user++) this.#freeCarts.push(user)
  }

  /** Orders whose customers wait for an answer. */
  get open(): number {
    return this.#open
  }

  /** HTTP requests for orders, repeats among them. */
  get requests(): number {
    return this.#requests
  }

  /** Time since these customers came. Milliseconds. */
  get elapsedMs(): number {
    return Date.now() - this.#start
  }

  /** Sends the order, unless too many are open. @returns whether it was sent */
  send(planned: PlannedOrder): boolean {
    if (this.#open >= MAX_OPEN) return false
    this.#open++
    this.#goOn(this.#order(planned).finally(() => this.#open--))
    return true
  }

  /**
   * Comes back when every customer has an answer or has left; waits for as long as they become fewer.
   * @param stillMs how long they may stay as many, in milliseconds
   * @returns whether all have
   */
  async satisfied(stillMs: number): Promise<boolean> {
    let fewest = Number.POSITIVE_INFINITY
    for (let since = performance.now(); this.#underWay.size > 0; await sleep(LOOK_EVERY_MS)) {
      if (this.#underWay.size < fewest) [fewest, since] = [this.#underWay.size, performance.now()]
      if (performance.now() - since > stillMs) return false
    }
    return true
  }

  /**
   * Asks once more for an order that was asked for before, until there is a final answer.
   * @param goesOn whether it is worth asking again
   * @returns whether there was one
   */
  async askAgain(asked: Asked, starter: StarterName, goesOn: () => boolean): Promise<boolean> {
    while (!isFinal(await this.#ask(asked, starter))) {
      if (!goesOn()) return false
      await sleep(AGAIN_MS)
    }
    return true
  }

  /** Nobody asks any more. */
  leave(): void {
    this.#haveLeft = true
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  async #order(planned: PlannedOrder): Promise<void> {
    const { kind, starter, cut, again, hangsUp } = planned
    const cart = kind === 'cart' ? await this.#filledCart() : undefined
    if (kind === 'cart' && !cart) return // no cart is free: every one waits for an answer
    const request = cart ? { ...planned.request, userId: cart.userId } : planned.request
    const asked: Asked = {
      orderSn: orderSnOf(request),
      kind,
      request,
      lines: cart?.lines ?? request.lines ?? [],
      ...(cut && { cut: cut.how }),
      told: [],
      toldOthers: [],
      moves: [],
      sentAtMs: this.elapsedMs,
    }
    this.asked.push(asked)
    if (cut) this.#goOn(this.#cut(request, cut))
    const other: StarterName = starter === 'lane' ? 'single' : 'lane'
    const beside = again?.how === 'at once' ? this.#ask(asked, other) : undefined
    let last = await this.#ask(asked, starter)
    await beside
    for (
      let pauseMs = AGAIN_MS;
      !isFinal(last) && !hangsUp && !this.#haveLeft;
      pauseMs = Math.min(2 * pauseMs, AGAIN_AT_MOST_MS)
    ) {
      await sleep(pauseMs)
      // As a client that knows two addresses: if nobody answers it tries the other.
      const at: StarterName = last.kind === 'lost' || last.kind === 'unreached' ? other : starter
      last = await this.#ask(asked, at)
    }
    if (last.kind === 'created') {
      this.#goOn(liveOn(last.order, planned.life, asked.moves, (move, at) => this.#move(asked.orderSn, move, at)))
    }
    // A cart whose order is open stays with it: another order of it would have other lines than its customer knows.
    if (cart && isFinal(last)) this.#freeCarts.push(cart.userId)
    if (isFinal(last) && (again?.how === 'later' || again?.how === 'other body')) this.#goOn(this.#comeBack(asked, again))
  }

  /** One request, noted with its answer. */
  async #ask(asked: Asked, starter: StarterName): Promise<Told> {
    const told = await this.#place(asked.request, starter)
    asked.told.push(told)
    if (isFinal(told)) asked.answeredAtMs ??= this.elapsedMs
    return told
  }

  async #place(request: NamedRequest, starter: StarterName): Promise<Told> {
    this.#requests++
    try {
      const answer = await place(this.#shop.urls[starter], request, this.#agents[starter])
      if (answer.kind === 'refused' && answer.failure === 'InternalError') return { kind: 'bad', what: 'InternalError' }
      return answer
    } catch (error) {
      return { kind: 'bad', what: (error as Error).message }
    }
  }

  /** Sends a move until it is answered: again if nobody listens, the connection breaks, or there is no service. */
  async #move(orderSn: string, move: Moved, starter: StarterName): Promise<void> {
    const { what, payment } = move
    const request = {
      pay: { method: 'POST', path: '/payments', body: payment },
      cancel: { method: 'POST', path: '/cancel', body: {} },
      finish: { method: 'POST', path: '/finish', body: undefined },
      delete: { method: 'DELETE', path: '', body: undefined },
    }[what]
    for (let at = starter; !this.#haveLeft; at = at === 'lane' ? 'single' : 'lane') {
      const answer = await call(`${this.#shop.urls[at]}/orders/${orderSn}${request.path}`, request).catch(() => undefined)
      const { failure, outcome } = answer?.body ?? {}
      if (answer && failure !== 'ServiceUnavailable') {
        const isWell = answer.status < 300 && (outcome === undefined || outcome === 'accepted')
        const name = isWell ? (outcome ?? 'done') : (failure ?? `${answer.status} ${outcome ?? ''}`)
        move.answers.push(String(name))
        return
      }
      await sleep(AGAIN_MS)
    }
  }

  async #comeBack(asked: Asked, { how, afterMs }: NonNullable<PlannedOrder['again']>): Promise<void> {
    await sleep(afterMs)
    if (how === 'later') {
      await this.#ask(asked, 'lane')
    } else if (asked.told.some(({ kind }) => kind === 'created')) {
      asked.toldOthers.push(await this.#place({ ...asked.request, post: 'another body' }, 'lane'))
    }
  }

  async #cut(request: NamedRequest, { how, afterMs }: NonNullable<PlannedOrder['cut']>): Promise<void> {
    await sleep(afterMs)
    const { client, db } = this.#shop
    const row = db.selectFrom('orders').select('workflow_id').where('order_sn', '=', orderSnOf(request))
    // The run that opened it, perhaps with others; its own as long as there is no row.
    const opened = await row.executeTakeFirst().catch(() => undefined)
    const run = client.workflow.getHandle(opened?.workflow_id ?? createOrderWorkflowId(orderSnOf(request)))
    // Not started yet, over, or nobody listens: then it does not befall this order.
    await (how === 'cancel' ? run.cancel() : run.terminate('by hand')).catch(() => undefined)
  }

  /** A free cart with the goods that its user always orders; `undefined` if none is free or the cart was not filled. */
  async #filledCart() {
    const userId = this.#freeCarts.shift()
    if (userId === undefined) return undefined
    const lines = [10 + (userId % 7), 20 + (userId % 11)].map((goodsId, i) => ({ goodsId, num: 1 + i }))
    for (let tries = 0; tries < 20; tries++) {
      try {
        for (const { goodsId, num } of lines) {
          const path = `${this.#shop.urls.lane}/users/${userId}/cart/items/${goodsId}`
          const { status } = await call(path, { method: 'PUT', body: { num } })
          if (status !== 200) throw new Error(`answered ${status}`)
        }
        return { userId, lines }
      } catch {
        await sleep(AGAIN_MS)
      }
    }
    this.#freeCarts.push(userId)
    return undefined
  }

  #goOn(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }
}
