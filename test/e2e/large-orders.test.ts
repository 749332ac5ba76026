import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { type BatchOutcome, MAX_BATCH_ORDERS } from '../../contracts/create-orders.ts'
import { MAX_GOODS_TEXT_BYTES, MAX_LINES } from '../../contracts/limits.ts'
import { GoodsInfoResponse, GoodsService } from '../../proto/generated/goods.ts'
import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { type Listening, listening } from '../clients/listening.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { endRoots, spawnRoot } from './faults/spawn-root.ts'
import { type Answer, call, orderOf } from './shop.ts'
import { StockEquation } from './stock.ts'

/** Orders that repeat each other's batch: what they answer together is beyond a payload. */
const REPEATED = 80
const CART = Array.from({ length: 190 }, (_, i) => 1 + i)
const FIRST_USER = 9_200_000
const SOLD_OUT = 191
/** The reference inventory has none of them before. */
const MANY_GOODS = Array.from({ length: MAX_LINES }, (_, i) => 700_001 + i)
const settings = { TASK_QUEUE: 'large-orders', STARTER_WORKER: 'true', INTAKE_MAX_IN_FLIGHT: '1' }

describe('orders as large as they may be', () => {
  let stack: TestStack
  let url: string
  let services: Listening[]

  before(async () => {
    stack = await testStack()
    const goods = await listening(GoodsService, { batchGetGoods: answerGoods })
    const users = await listening(UserService, { getUserById: answerUser })
    services = [goods, users]
    url = (await spawnRoot(stack, 'starter', { ...settings, GOODS_TARGET: goods.address, USER_TARGET: users.address })).url
    const inventory = new InventoryClient(`127.0.0.1:${stack.ports.inventory}`)
    for (const goodsId of MANY_GOODS) await inventory.setStock(goodsId, 10)
    await inventory.stop()
  })
  after(async () => {
    await endRoots()
    for (const service of services ?? []) service.stop()
  })

  it('are answered again, 80 of 190 goods at once and by one batch, and nobody beside them is turned away', async () => {
    const stock = await StockEquation.of(stack, CART.slice(0, 3))
    const callers = Array.from({ length: REPEATED }, (_, i) => ({ userId: FIRST_USER + i, key: randomUUID() }))
    await stack.db
      .insertInto('cart_items')
      .values(
        callers.flatMap(({ userId }) => CART.map((goodsId) => ({ user_id: userId, goods_id: goodsId, num: 1, checked: true }))),
      )
      .execute()
    const placeAll = () => Promise.all(callers.map(({ userId, key }) => place(userId, key)))
    // A few at a time: each has 190 goods to be sold within its 30 s, on a slow machine too. It is their repeats that meet.
    const first: Awaited<ReturnType<typeof placeAll>> = []
    for (let i = 0; i < callers.length; i += 8) {
      first.push(...(await Promise.all(callers.slice(i, i + 8).map(({ userId, key }) => place(userId, key)))))
    }
    for (const { status, body } of first) assert.equal(status, 201, JSON.stringify(body))

    const neighbours = Array.from({ length: 10 }, (_, i) => place(FIRST_USER + REPEATED + i, randomUUID(), [61]))
    const again = await placeAll()
    assert.deepEqual(
      again.map(({ status, body }) => [status, body]),
      first.map(({ status, body }) => [status, body]),
    )
    for (const { status, body } of await Promise.all(neighbours)) assert.equal(status, 201, JSON.stringify(body))

    // Over HTTP they are answered by a look: a batch is what meets them if a look came too early.
    const requests = callers.map(({ userId, key }) => ({ ...orderOf(userId), requestId: key }))
    const batch = await stack.client.workflow.start(WORKFLOW_TYPES.createOrders, {
      taskQueue: settings.TASK_QUEUE,
      workflowId: `large-orders-${randomUUID()}`,
      args: [requests],
    })
    const ended = await outcomesOf(batch)
    assert.ok(ended.length === REPEATED && ended.some(({ state }) => state === 'confirmed'))
    await stock.assertHolds()
  })

  it('end, of a thousand goods with the longest names and images, and the lane stays open behind them', async () => {
    const stock = await StockEquation.of(stack, MANY_GOODS.slice(0, 3))
    const user = FIRST_USER + MAX_BATCH_ORDERS
    const answers = await Promise.all([
      place(user, randomUUID(), MANY_GOODS),
      place(user + 1, randomUUID(), [...MANY_GOODS.slice(1), SOLD_OUT]),
      place(user + 2, randomUUID(), [62]),
    ])
    assert.deepEqual(
      answers.map(({ status, body }) => (status === 201 ? (body.lines as unknown[]).length : body.code)),
      [MAX_LINES, 10_002, 1],
    )
    assert.equal((await place(user + 3, randomUUID(), [62])).status, 201)
    await stock.assertHolds()
  })

  function place(userId: number, key: string, goodsIds?: readonly number[]): Promise<Answer> {
    const body = orderOf(
      userId,
      goodsIds?.map((goodsId) => ({ goodsId, num: 1 })),
    )
    return call(`${url}/orders`, { method: 'POST', key, body })
  }
})

/** Returns the outcomes of a batch. @throws AssertionError if a workflow task of it fails: it would be tried again for ever */
async function outcomesOf(batch: WorkflowHandle): Promise<BatchOutcome[]> {
  const result = batch.result() as Promise<BatchOutcome[]>
  result.catch(() => {})
  for (;;) {
    const outcomes = await Promise.race([result, sleep(500)])
    if (outcomes) return outcomes
    const { events } = await batch.fetchHistory()
    if (!events?.some((event) => event.workflowTaskFailedEventAttributes)) continue
    await batch.terminate('it would be tried again for ever')
    assert.fail('a workflow task failed')
  }
}

/** Every goods is called by the longest name, with an image of the longest address. */
function answerGoods({ request }: { request: { id: number[] } }, answer: (error: null, goods: object) => void): void {
  const text = '"'.repeat(MAX_GOODS_TEXT_BYTES)
  const one = { ...GoodsInfoResponse.decode(Buffer.of()), name: text, goodsFrontImage: text, onSale: true, shopPrice: 2 }
  answer(null, { total: request.id.length, data: request.id.map((id) => ({ ...one, id })) })
}

/** Everybody is known. */
function answerUser({ request: { id } }: { request: { id: number } }, answer: (error: null, user: object) => void): void {
  answer(null, { ...UserInfoResponse.decode(Buffer.of()), id })
}
