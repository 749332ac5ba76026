import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import { createOrderWorkflowId, type NamedRequest } from '../../../contracts/create-order.ts'
import type { FailureType } from '../../../contracts/failures.ts'
import { fingerprintOf, orderSnOf } from '../../../contracts/order-sn.ts'
import { orderStore } from '../../../store/order-store.ts'
import { isConfirmed } from '../../../store/stored-order.ts'
import type { TestStack } from '../../support/stack.ts'
import { RECIPIENT } from '../shop.ts'
import type { Command, Cut, Kind } from './commands.ts'
import { type Answer, isFinal, place } from './place.ts'
import { until } from './until.ts'

/** The reference catalogue: 191 is sold out, 195 nearly, 200 off sale; 999 does not exist. */
const GOODS: Record<Kind, number[]> = {
  good: [41, 42],
  cart: [42, 43],
  scarce: [41, 195],
  soldOut: [41, 191],
  offSale: [41, 200],
  unknown: [41, 999],
}
/** The one refusal that an order of this kind may meet by itself. */
const REFUSED_AS: Partial<Record<Kind, FailureType>> = {
  cart: 'EmptyCart', // another order of this cart was faster
  scarce: 'InsufficientStock',
  soldOut: 'InsufficientStock',
  offSale: 'GoodsOffSale',
  unknown: 'GoodsNotFound',
}
const FIRST_USER = 490

/** A request, and every answer that its sender got. */
interface Asked {
  request: NamedRequest
  kind: Kind
  told: Answer[]
}

/** One story: orders and faults as they come, and in the end the question whether every answer was true. */
export class Story {
  static readonly GOODS_IDS = [41, 42, 43, 191, 195, 200]
  readonly #stack: TestStack
  /** Another body under an old key is another request here. */
  readonly #asked: Asked[] = []
  readonly #underWay: Promise<void>[] = []
  /** Refusals that faults of this story may cause. */
  readonly #excused = new Set<FailureType>(['OrderInProgress'])

  constructor(stack: TestStack) {
    this.#stack = stack
  }

  async tell(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      await this.#do(command)
      await sleep(command.pauseMs)
    }
    await Promise.all(this.#underWay)
  }

  /** Asks everything once more, now that nothing goes wrong: no answer may differ from an earlier one or from the store. */
  async assertTrue(): Promise<void> {
    const store = orderStore(this.#stack.db)
    for (const { request, kind, told } of this.#asked) {
      const before = told.filter(isFinal)
      const last = await this.#ask(request)
      for (const answer of before) assert.deepEqual(answer, last)
      const order = await store.getOrder(orderSnOf(request))
      const mine = order?.fingerprint === fingerprintOf(request)
      if (last.kind === 'created') {
        assert.ok(order && mine && isConfirmed(order), `order ${orderSnOf(request)} was answered, but it is not there`)
        assert.ok(['good', 'cart', 'scarce'].includes(kind), `an order of ${kind} goods was created`)
        const lines = last.order.lines.map(({ goodsId, num }) => ({ goodsId, num }))
        if (request.lines) assert.deepEqual(lines, request.lines)
        assert.deepEqual(order.lines, last.order.lines)
        assert.deepEqual(order.total, last.order.total)
      } else {
        const { failure } = last
        assert.ok(!mine || !order || !isConfirmed(order), `order ${orderSnOf(request)} was refused (${failure}), but it stands`)
        const mayBe = [...this.#excused, REFUSED_AS[kind], ...(mine ? [] : ['IdempotencyKeyReused'])]
        assert.ok(mayBe.includes(failure), `an order of ${kind} goods was refused: ${failure}`)
      }
    }
  }

  /** An order needs every part: when one is created, all that were killed are back. */
  async assertServed(): Promise<void> {
    await this.#order({ kind: 'good', user: 0, num: 1, cut: undefined })
    await this.tell([])
    await this.assertTrue()
  }

  async #do(command: Command): Promise<void> {
    if (command.do === 'kill') {
      this.#excused.add('OrderTimedOut')
      return this.#stack.kill(command.part, 'SIGKILL')
    }
    if (command.do === 'order') return this.#order(command)
    const asked = this.#asked.at(-1 - (command.back % this.#asked.length))
    if (!asked) return
    if (command.do === 'repeat') this.#send(asked)
    else this.#send(this.#note({ ...asked.request, post: `another body ${randomUUID()}` }, asked.kind))
  }

  async #cut(request: NamedRequest, { how, afterMs }: Cut): Promise<void> {
    await sleep(afterMs)
    this.#excused.add(how === 'cancel' ? 'OrderCancelled' : 'OrderClosed')
    const run = this.#stack.client.workflow.getHandle(await this.#runOf(request))
    await (how === 'cancel' ? run.cancel() : run.terminate('by hand')).catch((error: Error) => {
      // Not started yet, over, or nobody listens: then it does not befall this order.
      if (!(error instanceof WorkflowNotFoundError) && error.name !== 'ServiceError') throw error
    })
  }

  /** The run that opened the order, perhaps with others; its own one as long as there is no row, or nobody to ask. */
  async #runOf(request: NamedRequest): Promise<string> {
    const { db } = this.#stack
    const rows = db.selectFrom('orders').select('workflow_id').where('order_sn', '=', orderSnOf(request))
    const row = await rows.executeTakeFirst().catch(() => undefined)
    return row?.workflow_id ?? createOrderWorkflowId(orderSnOf(request))
  }

  async #order({ kind, user, num, cut }: Pick<Command & { do: 'order' }, 'kind' | 'user' | 'num' | 'cut'>): Promise<void> {
    const userId = FIRST_USER + user
    const lines = GOODS[kind].map((goodsId) => ({ goodsId, num }))
    if (kind === 'cart') await this.#fillCart(userId, lines)
    const asked = this.#note({ userId, ...RECIPIENT, requestId: randomUUID(), ...(kind !== 'cart' && { lines }) }, kind)
    this.#send(asked)
    if (cut) this.#underWay.push(this.#cut(asked.request, cut))
  }

  #note(request: NamedRequest, kind: Kind): Asked {
    const asked = { request, kind, told: [] }
    this.#asked.push(asked)
    return asked
  }

  #send(asked: Asked): void {
    this.#underWay.push(this.#ask(asked.request, asked.told).then(() => {}))
  }

  /** Asks as a client should: what is not refused for good is asked again, unchanged. */
  async #ask(request: NamedRequest, told: Answer[] = []) {
    return await until('an answer', async () => {
      const answer = await place(this.#stack.httpUrl, request)
      told.push(answer)
      assert.ok(isFinal(answer), `the last one was ${JSON.stringify(answer)}`)
      return answer
    })
  }

  async #fillCart(userId: number, lines: readonly { goodsId: number; num: number }[]): Promise<void> {
    const rows = lines.map(({ goodsId, num }) => ({ user_id: userId, goods_id: goodsId, num, checked: true }))
    const insert = this.#stack.db.insertInto('cart_items').values(rows)
    const upsert = insert.onConflict((on) =>
      on.columns(['user_id', 'goods_id']).doUpdateSet((set) => ({ num: set.ref('excluded.num') })),
    )
    await until('the cart is filled', () => upsert.execute())
  }
}
