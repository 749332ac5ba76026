import assert from 'node:assert/strict'
import { status as grpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js'
import { sql } from 'kysely'
import { WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import type { OrderServiceClient } from '../../../proto/generated/order.ts'
import { problemsOf, readHistories } from '../../support/order-history.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { atDoor } from '../faults/place-over-grpc.ts'
import { endRoots, spawnRoot } from '../faults/spawn-root.ts'
import { until } from '../faults/until.ts'
import { runOrders } from '../run-orders.ts'
import { type Answer, call, freshUser, orderOf, RECIPIENT } from '../shop.ts'

const TASK_QUEUE = 'archiving'
const GOODS = 81
/** Goods that are not on sale any more. */
const OFF_SALE = 191
/** Age at which orders are archived here; no order of another test is so old. */
const DAYS = 30
const DAY_MS = 86_400_000
/** Patience of a client that connects, in milliseconds. */
const DEADLINE_MS = 60_000
const BY = ['--by', 'Ada', '--why', 'to see']

interface Placed {
  orderSn: string
  /** The request and the key under which it is repeated. */
  body: object
  key: string
}

/** The answer of a comparison with the inventory. */
interface Comparison {
  explained: boolean
  equations: { goodsId: number }[]
  findings: unknown[]
}

/** Whatever an order came to is answered as before once it is in the archive, at every door, and what may still befall it does. */
describe('archived orders, at every door', () => {
  let stack: TestStack
  let userId: number
  let payments = 0
  let finished: Placed
  let cancelled: Placed
  let expired: Placed
  let owed: Placed
  let refused: Placed
  let report: ReturnType<typeof payment>
  let late: ReturnType<typeof payment>
  /** An order of the cart of another user over gRPC, under a key. */
  let overGrpc: { id: number; userId: number; orderSn: string }

  before(async () => {
    stack = await testStack()
    userId = freshUser()
    await spawnRoot(stack, 'worker', { TASK_QUEUE, ARCHIVE_AFTER_MS: `${DAYS * DAY_MS}` })

    finished = await place('finished')
    report = payment(await look(finished))
    assert.equal((await pay(finished, report)).status, 201)
    assert.equal((await post(finished, 'finish')).status, 200)
    cancelled = await place('cancelled')
    assert.equal((await post(cancelled, 'cancel', { reason: 'changed my mind' })).status, 200)
    owed = await place('owed')
    late = payment(await look(owed))
    assert.equal((await post(owed, 'cancel', { reason: 'too dear' })).status, 200)
    assert.equal((await pay(owed, late)).status, 409)
    expired = await place('expired')
    await sql`update orders set pay_deadline = now() - interval '1 day' where order_sn = ${expired.orderSn}`.execute(stack.db)
    refused = await place('refused', OFF_SALE, 422)
    overGrpc = await placeOverGrpc()
    await untilOver()
  })
  after(() => endRoots())

  /** Whatever a test did to its orders, their events replayed give their rows. */
  afterEach(async () => {
    for (const history of await readHistories(stack.db, numbers())) assert.deepEqual(problemsOf(history), [], history.orderSn)
  })

  it('are repeated, read, listed, shown, compared and told of as before, whoever archived them', async () => {
    const before = await answers()
    assert.deepEqual(
      before.repeats.map(({ status }) => status),
      [201, 201, 201, 201, 422],
    )
    assert.equal(before.list.length, 4)

    await age(finished, cancelled, owed, refused)
    const archived = await orders('archive', '--older-than', `${DAYS}`)
    assert.deepEqual([archived.status, /^3 orders were archived/.test(archived.out)], [0, true], archived.out)
    assert.deepEqual(await inArchive(), [finished, cancelled, refused].map(({ orderSn }) => orderSn).sort())
    assert.deepEqual(await answers(), before)

    await refund(late)
    const refunded = await answers()
    await age(owed, expired, overGrpc)
    const run = { taskQueue: TASK_QUEUE, workflowId: `archive-${userId}`, args: [] }
    assert.deepEqual(await stack.client.workflow.execute(WORKFLOW_TYPES.archiveOrders, run), { archived: 3, more: false })
    assert.deepEqual(await inArchive(), numbers().sort())
    assert.deepEqual(await answers(), refunded)
  })

  it('are paid too late, and the money is owed until an operator records that it was given back', async () => {
    const money = payment(await look(expired))
    for (const _ of ['first', 'once more']) {
      const { status, body } = await pay(expired, money)
      assert.deepEqual([status, body.failure], [409, 'PaymentLate'])
    }
    await assert.rejects(
      grpc((client, done) => client.orderUpdate({ id: overGrpc.id, orderSn: '', status: 'TRADE_SUCCESS' }, done)),
      { code: grpcStatus.FAILED_PRECONDITION },
    )
    const listed = (await operator('refunds')).text
    for (const { orderSn } of [expired, overGrpc]) assert.match(listed, new RegExp(orderSn))
    await refund(money)
    assert.doesNotMatch((await operator('refunds')).text, new RegExp(money.paymentId))
  })

  it('are erased with their user, and repeats of their keys are answered all the same', async () => {
    assert.equal(await addressOf(finished), RECIPIENT.address)
    const erased = await orders('erase', '--user', `${userId}`, ...BY)
    assert.equal(erased.status, 0, erased.err)
    const { rows } =
      await sql`select 1 from orders where user_id = ${userId} and (address <> '' or name <> '' or mobile <> '')`.execute(
        stack.db,
      )
    assert.deepEqual([rows, await addressOf(finished)], [[], ''])
    const again = await repeat(finished)
    assert.deepEqual([again.status, again.body.orderSn], [201, finished.orderSn])
    const another = { ...finished.body, address: `${RECIPIENT.address}, upstairs` }
    assert.equal((await send(another, finished.key)).status, 422)
  })

  it('are deleted like any that is closed', async () => {
    for (const _ of ['first', 'once more']) {
      assert.equal((await call(`${stack.httpUrl}/orders/${cancelled.orderSn}`, { method: 'DELETE' })).status, 204)
    }
    assert.equal((await look(cancelled)).status, 404)
    assert.ok(!(await listed()).includes(cancelled.orderSn))
    assert.deepEqual(await inArchive(), numbers().sort())
  })

  /** Whatever anybody is answered about these orders. */
  async function answers() {
    const all = [finished, cancelled, owed, expired, refused]
    return {
      repeats: (await Promise.all(all.map(repeat))).map(answered),
      overGrpc: [
        await orderOverGrpc(overGrpc.userId),
        await grpc((client, done) => client.orderDetail({ ...NOBODY, id: overGrpc.id, userId: overGrpc.userId }, done)),
        await grpc((client, done) => client.orderList({ userId: overGrpc.userId, status: '', page: 0, pageSize: 0 }, done)),
      ],
      orders: (await Promise.all(all.map(look))).map(answered),
      list: await listed(),
      paid: answered(await pay(finished, report)),
      moves: (await Promise.all([post(finished, 'cancel'), post(cancelled, 'cancel'), post(cancelled, 'finish')])).map(answered),
      shown: await Promise.all([...all, overGrpc].map(({ orderSn }) => operator(`orders/${orderSn}`))),
      events: (await feed()).filter(({ subject }) => numbers().includes(subject)),
      compared: await compared(),
    }
  }

  /** Returns the comparison with the inventory of the goods of these orders, once it explains everything. */
  async function compared() {
    return await until('no order of before is on its way', async () => {
      const { explained, equations, findings } = (await operator('reconciliation')).data as Comparison
      assert.deepEqual([explained, findings], [true, []])
      return equations.find(({ goodsId }) => goodsId === GOODS)
    })
  }

  async function place(key: string, goodsId = GOODS, status = 201): Promise<Placed> {
    const placed = { body: orderOf(userId, [{ goodsId, num: 2 }]), key: `archived-${userId}-${key}` }
    const answer = await send(placed.body, placed.key)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
    const { orderSn } = await stack.db
      .selectFrom('orders')
      .select('order_sn as orderSn')
      .where('request_id', '=', placed.key)
      .executeTakeFirstOrThrow()
    return { ...placed, orderSn }
  }

  async function placeOverGrpc() {
    const buyer = freshUser()
    const item = { id: 0, userId: buyer, goodsId: GOODS, goodsName: '', goodsImage: '', goodsPrice: 0, nums: 1, checked: true }
    await grpc((client, done) => client.cartItemAdd(item, done))
    const { id, orderSn } = await orderOverGrpc(buyer)
    await grpc((client, done) => client.orderUpdate({ id, orderSn: '', status: 'TRADE_CLOSED' }, done))
    return { id, userId: buyer, orderSn }
  }

  /** Orders the cart of a user, always under the same key. */
  async function orderOverGrpc(buyer: number): Promise<{ id: number; orderSn: string }> {
    const metadata = new Metadata()
    metadata.set('idempotency-key', `archived-${buyer}`)
    return await grpc((client, done) => client.orderCreate({ ...NOBODY, ...RECIPIENT, userId: buyer }, metadata, done))
  }

  async function grpc<T>(
    send: (client: OrderServiceClient, done: (error: ServiceError | null, answer: T) => void) => unknown,
  ): Promise<T> {
    return await atDoor(`127.0.0.1:${stack.ports.grpc}`, async (client) => {
      await new Promise<void>((resolve, reject) =>
        client.waitForReady(Date.now() + DEADLINE_MS, (error) => (error ? reject(error) : resolve())),
      )
      return await new Promise<T>((resolve, reject) => {
        send(client, (error, answer) => (error ? reject(error) : resolve(answer)))
      })
    })
  }

  async function addressOf({ orderSn }: Placed): Promise<string | undefined> {
    const { rows } = await sql<{ id: number }>`select id from orders where order_sn = ${orderSn}`.execute(stack.db)
    const detail = { ...NOBODY, id: Number(rows[0]?.id), userId }
    const { orderInfo } = await grpc<{ orderInfo?: { address: string } | undefined }>((client, done) =>
      client.orderDetail(detail, done),
    )
    return orderInfo?.address
  }

  function send(body: object, key: string): Promise<Answer> {
    return call(`${stack.httpUrl}/orders`, { method: 'POST', body, key })
  }

  function repeat({ body, key }: Placed): Promise<Answer> {
    return send(body, key)
  }

  function look({ orderSn }: Placed): Promise<Answer> {
    return call(`${stack.httpUrl}/orders/${orderSn}`)
  }

  function post({ orderSn }: Placed, verb: string, body?: object): Promise<Answer> {
    return call(`${stack.httpUrl}/orders/${orderSn}/${verb}`, { method: 'POST', ...(body && { body }) })
  }

  function pay({ orderSn }: Placed, body: object): Promise<Answer> {
    return call(`${stack.httpUrl}/orders/${orderSn}/payments`, { method: 'POST', body })
  }

  function payment({ body }: Answer) {
    const paymentId = `archived-${process.pid}-${++payments}`
    return { provider: 'a gateway', paymentId, amount: body.total as object, paidAt: new Date().toISOString() }
  }

  /** The numbers of the user's orders, read by pages of two. */
  async function listed(): Promise<string[]> {
    const found: string[] = []
    for (let after = ''; ; ) {
      const { status, body } = await call(`${stack.httpUrl}/orders?userId=${userId}&limit=2${after}`)
      assert.equal(status, 200, JSON.stringify(body))
      found.push(...(body.orders as Placed[]).map(({ orderSn }) => orderSn))
      if (!body.next) return found
      after = `&after=${body.next}`
    }
  }

  /** All events that there are, read by pages. */
  async function feed(): Promise<{ subject: string }[]> {
    const found: { subject: string }[] = []
    for (let after = ''; ; ) {
      const { body } = await call(`${stack.httpUrl}/events?limit=50${after}`)
      const events = body.events as { subject: string }[]
      found.push(...events)
      if (events.length === 0) return found
      after = `&after=${body.next}`
    }
  }

  /** Runs a verb under the account of an operator who may erase. */
  function orders(...args: string[]) {
    return runOrders({ ...stack.env, DATABASE_URL: stack.databaseUrl }, args)
  }

  /** Asks for a verb of operators over HTTP, where it costs no process. */
  async function operator(path: string, body?: object): Promise<{ text: string; data: unknown }> {
    const answer = await call(`${stack.httpUrl}/operator/${path}`, body && { method: 'POST', body })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body as { text: string; data: unknown }
  }

  async function refund({ provider, paymentId }: { provider: string; paymentId: string }): Promise<void> {
    await operator('refunds', { payment: `${provider}/${paymentId}`, by: 'Ada', why: 'to see' })
  }

  function numbers(): string[] {
    return [finished, cancelled, owed, expired, refused, overGrpc].map(({ orderSn }) => orderSn)
  }

  async function inArchive(): Promise<string[]> {
    const { rows } = await sql<{ orderSn: string }>`select order_sn as "orderSn" from orders_archive`.execute(stack.db)
    return rows.map(({ orderSn }) => orderSn).sort()
  }

  /** Lets these orders be a day older than those that are archived. */
  async function age(...some: { orderSn: string }[]): Promise<void> {
    await sql`
      update orders set updated_at = now() - make_interval(days => ${DAYS + 1})
      where order_sn = any(${some.map(({ orderSn }) => orderSn)}::text[])`.execute(stack.db)
  }

  /** Waits until all of these orders are over and have given back. */
  async function untilOver(): Promise<void> {
    await until('every order is over', async () => {
      const rows = await stack.db
        .selectFrom('orders')
        .select(['status', 'stock_state'])
        .where('order_sn', 'in', numbers())
        .execute()
      const open = rows.filter(
        (row) => row.status !== 'TRADE_FINISHED' && !(row.status === 'TRADE_CLOSED' && row.stock_state !== 'returning'),
      )
      assert.deepEqual(open, [])
    })
  }
})

/** An order request over gRPC that names no recipient. */
const NOBODY = { id: 0, userId: 0, address: '', name: '', mobile: '', post: '' }

function answered({ status, body }: Answer) {
  return { status, body }
}
