import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { ScheduleOverlapPolicy } from '@temporalio/client'
import { WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { SaleState } from '../../proto/generated/inventory.ts'
import { GrpcProxy } from '../proof/chaos/proxies/grpc-proxy.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { problemsOf, readHistories } from '../support/order-history.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { endRuns } from './faults/end-runs.ts'
import { endRoots, spawnRoot } from './faults/spawn-root.ts'
import { until } from './faults/until.ts'
import { type Answer, call, freshUser, orderOf } from './shop.ts'

const TASK_QUEUE = 'short-lives'
const SCHEDULE = 'close-short-lives'
const CLOSE_EVERY_MS = 1_000
const PAY_WITHIN_MS = 1_500
const PAY_GRACE_MS = 1_000
const GOODS = 71
const NUM = 3
/** Orders that race at the same time, and rounds in which both ends have to be seen: far more than it takes. */
const RACERS = 6
const MOST_ROUNDS = 40
/** The first of their users. */
const RACER = 301

interface Created {
  orderSn: string
  userId: number
  total: { amount: number; currency: string }
  payDeadline: string
  /** Base URL of the starter that took it. */
  at: string
}

describe('the life of an order over HTTP', () => {
  let stack: TestStack
  let inventory: InventoryClient
  /** Stands before the inventory of the worker whose orders live short. */
  let proxy: GrpcProxy
  let settings: Record<string, string>
  let worker: Awaited<ReturnType<typeof spawnRoot>>
  /** The starter whose orders have to be paid at once, and are closed by whoever starts `closeDueOrders`. */
  let hastyUrl: string
  let userId: number
  let payments = 0
  const made: string[] = []

  before(async () => {
    stack = await testStack()
    userId = freshUser()
    inventory = new InventoryClient(`127.0.0.1:${stack.ports.inventory}`)
    proxy = await GrpcProxy.before(inventory.address)
    settings = {
      ...{ TASK_QUEUE, INVENTORY_TARGET: proxy.address, INTAKE: 'lane', STARTER_WORKER: 'false' },
      ...{ PAY_WITHIN_MS: `${PAY_WITHIN_MS}`, PAY_GRACE_MS: `${PAY_GRACE_MS}` },
    }
    worker = await spawnRoot(stack, 'worker', settings)
    hastyUrl = (await spawnRoot(stack, 'starter', settings)).url
  })

  after(async () => {
    if (hastyUrl) await endRuns(stack, TASK_QUEUE)
    await endRoots()
    await inventory?.stop()
    await proxy?.close()
  })

  /** Whatever a test did to its orders, their events replayed give their rows. */
  afterEach(async () => {
    const histories = await readHistories(stack.db, made)
    assert.equal(histories.length, made.length)
    for (const history of histories) assert.deepEqual(problemsOf(history), [], history.orderSn)
  })

  it('create, pay, finish: the goods stay sold', async () => {
    const order = await create()
    const before = await inventory.stock(GOODS)
    const report = payment(order)
    const accepted = await pay(order, report)
    assert.deepEqual([accepted.status, accepted.body.outcome, accepted.body.refund], [201, 'accepted', 'none'])
    assert.deepEqual(answered(await pay(order, report)), answered(accepted))
    const refused = await cancel(order)
    assert.deepEqual([refused.status, refused.body.failure], [409, 'OrderPaid'])
    const again = await pay(order, payment(order))
    assert.deepEqual([again.status, again.body.failure], [409, 'PaymentDuplicate'])
    for (const _ of ['first', 'once more']) {
      const finished = await call(`${order.at}/orders/${order.orderSn}/finish`, { method: 'POST' })
      assert.deepEqual([finished.status, finished.body.status], [200, 'TRADE_FINISHED'])
    }
    const shown = await look(order)
    assert.deepEqual(outcomes(shown), ['accepted', 'duplicate'])
    assert.equal(await saleOf(order), SaleState.SALE_STATE_SOLD)
    assert.equal(await inventory.stock(GOODS), before)
    assert.deepEqual(await eventsOf(order), ['order.created', 'order.paid', 'payment.refund_owed', 'order.finished'])
  })

  it('create, cancel: the goods are back, and what is paid then is owed', async () => {
    const before = await inventory.stock(GOODS)
    const order = await create()
    assert.equal(await inventory.stock(GOODS), before - NUM)
    const cancelled = await cancel(order)
    assert.deepEqual([cancelled.status, cancelled.body.status, cancelled.body.closedFor], [200, 'TRADE_CLOSED', 'cancelled'])
    assert.equal((await cancel(order)).status, 200)
    await givenBack(order)
    assert.equal(await inventory.stock(GOODS), before)
    const late = await pay(order, payment(order))
    assert.deepEqual([late.status, late.body.failure], [409, 'PaymentLate'])
    assert.deepEqual(await eventsOf(order), ['order.created', 'order.closed', 'payment.refund_owed'])
  })

  it('a payment of another amount is owed, and the order waits on', async () => {
    const order = await create()
    const wrong = await pay(order, { ...payment(order), amount: { ...order.total, amount: order.total.amount - 1 } })
    assert.deepEqual([wrong.status, wrong.body.failure], [422, 'PaymentMismatch'])
    assert.equal((await look(order)).body.status, 'PAYING')
    assert.equal((await pay(order, payment(order))).status, 201)
    assert.deepEqual(outcomes(await look(order)), ['mismatch', 'accepted'])
  })

  it('an order is listed until it is deleted: an unpaid one is closed, a paid one stays', async () => {
    const buyer = freshUser()
    const [first, second, third] = [
      await create(stack.httpUrl, buyer),
      await create(stack.httpUrl, buyer),
      await create(stack.httpUrl, buyer),
    ]
    assert.deepEqual(
      await listed(buyer),
      [third, second, first].map(({ orderSn }) => orderSn),
    )
    assert.equal((await remove(second)).status, 204)
    assert.equal((await remove(second)).status, 204)
    assert.equal((await look(second)).status, 404)
    assert.equal((await pay(third, payment(third))).status, 201)
    assert.deepEqual([(await remove(third)).status, (await look(third)).status], [409, 200])
    assert.deepEqual(
      await listed(buyer),
      [third, first].map(({ orderSn }) => orderSn),
    )
    await givenBack(second)
    assert.deepEqual(await eventsOf(second), ['order.created', 'order.closed', 'order.deleted'])
  })

  it('nobody pays: the order is closed at its deadline and grace, and gives back; a payment after that is owed', async () => {
    await closingByItself(async () => {
      const before = await inventory.stock(GOODS)
      const order = await create(hastyUrl)
      const closed = await until('the order is closed', async () => {
        const { body } = await look(order)
        assert.equal(body.status, 'TRADE_CLOSED')
        return body
      })
      assert.equal(closed.closedFor, 'expired')
      assertNotBeforeItsTime(order, closed)
      await givenBack(order)
      assert.equal(await inventory.stock(GOODS), before)
      const report = payment(order)
      const late = await pay(order, report)
      assert.deepEqual([late.status, late.body.failure], [409, 'PaymentLate'])
      assert.deepEqual(answered(await pay(order, report)), answered(late))
      const [owed] = (await look(order)).body.payments as { outcome: string; refund: string }[]
      assert.deepEqual([owed?.outcome, owed?.refund], ['late', 'owed'])
    })
  })

  it('the worker dies between closing and giving back: another one gives back', async () => {
    const before = await inventory.stock(GOODS)
    const orders = await Promise.all(Array.from({ length: RACERS }, (_, i) => create(hastyUrl, RACER + i)))
    const asked = new Set<string>()
    proxy.befall = ({ path }) => {
      asked.add(path)
      return /Reback/.test(path) ? { deliver: 0, answer: 'nothing' } : undefined
    }
    await closingByItself(async () => {
      await until('a Reback is on its way', () => assert.ok([...asked].some((path) => /Reback/.test(path))))
      process.kill(worker.pid, 'SIGKILL')
      await worker.exited
      const [closed] = await Promise.all(orders.map(look))
      assert.ok(closed)
      const owing = await stack.db.selectFrom('orders').select('order_sn').where('stock_state', '=', 'returning').execute()
      assert.ok(owing.length > 0, 'no order was between the two')
      proxy.befall = () => undefined
      worker = await spawnRoot(stack, 'worker', settings)
      await Promise.all(orders.map(givenBack))
      assert.equal(await inventory.stock(GOODS), before)
    })
  })

  it('a payment and a cancellation at the same moment: either is first, and the other hears it', async () => {
    await untilBoth(['paid', 'cancelled'], async (round) => {
      const order = await create()
      const [paid, cancelled] = await atOnce(
        round,
        () => pay(order, payment(order)),
        () => cancel(order),
      )
      if (paid.status === 201) {
        assert.deepEqual([cancelled.status, cancelled.body.failure], [409, 'OrderPaid'])
        await assertPaid(order)
        return ['paid']
      }
      assert.deepEqual([paid.status, paid.body.failure, cancelled.status], [409, 'PaymentLate', 200])
      await assertClosed(order, 'cancelled')
      return ['cancelled']
    })
  })

  it('two payments at the same moment: one is accepted, and the other one owed', async () => {
    await untilBoth(['first', 'second'], async (round) => {
      const order = await create()
      const answers = await atOnce(
        round,
        () => pay(order, payment(order)),
        () => pay(order, payment(order)),
      )
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409])
      assert.equal(answers.find(({ status }) => status === 409)?.body.failure, 'PaymentDuplicate')
      await assertPaid(order)
      return [answers[0].status === 201 ? 'first' : 'second']
    })
  })

  it('a payment and the deadline at the same moment: paid with its goods, or closed with a refund owed', async () => {
    await untilBoth(['paid', 'expired'], (round) =>
      atTheDeadline(round, async (order, atItsTime) => {
        const paid = await atItsTime(() => pay(order, payment(order)))
        if (paid.status === 201) {
          await assertPaid(order)
          return 'paid'
        }
        assert.deepEqual([paid.status, paid.body.failure], [409, 'PaymentLate'])
        await assertClosed(order, 'expired')
        return 'expired'
      }),
    )
  })

  it('a cancellation and the deadline at the same moment: closed once, for one reason', async () => {
    await untilBoth(['cancelled', 'expired'], (round) =>
      atTheDeadline(round, async (order, atItsTime) => {
        const cancelled = await atItsTime(() => cancel(order))
        assert.equal(cancelled.status, 200)
        const { closedFor } = cancelled.body
        assert.ok(closedFor === 'cancelled' || closedFor === 'expired', `${closedFor}`)
        await assertClosed(order, closedFor)
        return closedFor
      }),
    )
  })

  async function create(at = stack.httpUrl, of = userId): Promise<Created> {
    const answer = await call(`${at}/orders`, { method: 'POST', body: orderOf(of, [{ goodsId: GOODS, num: NUM }]) })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    const { orderSn, total, payDeadline } = answer.body as unknown as Created
    made.push(orderSn)
    return { orderSn, userId: of, total, payDeadline, at }
  }

  function payment({ total }: Created) {
    return {
      provider: 'a gateway',
      paymentId: `life-${process.pid}-${++payments}`,
      amount: total,
      paidAt: new Date().toISOString(),
    }
  }

  function pay({ at, orderSn }: Created, body: ReturnType<typeof payment>): Promise<Answer> {
    return call(`${at}/orders/${orderSn}/payments`, { method: 'POST', body })
  }

  function cancel({ at, orderSn }: Created): Promise<Answer> {
    return call(`${at}/orders/${orderSn}/cancel`, { method: 'POST', body: { reason: 'changed my mind' } })
  }

  function remove({ at, orderSn }: Created): Promise<Answer> {
    return call(`${at}/orders/${orderSn}`, { method: 'DELETE' })
  }

  function look({ at, orderSn }: Created): Promise<Answer> {
    return call(`${at}/orders/${orderSn}`)
  }

  /** The numbers of a user's orders, read by pages of two. */
  async function listed(of: number): Promise<string[]> {
    const numbers: string[] = []
    for (let after = ''; ; ) {
      const { status, body } = await call(`${stack.httpUrl}/orders?userId=${of}&limit=2${after}`)
      assert.equal(status, 200, JSON.stringify(body))
      numbers.push(...(body.orders as Created[]).map(({ orderSn }) => orderSn))
      if (!body.next) return numbers
      after = `&after=${body.next}`
    }
  }

  async function eventsOf({ orderSn }: Created): Promise<string[]> {
    const [history] = await readHistories(stack.db, [orderSn])
    return (history?.events ?? []).map(({ type }) => type)
  }

  async function saleOf({ orderSn }: Created): Promise<SaleState> {
    return (await inventory.sale(orderSn)).state
  }

  async function givenBack(order: Created): Promise<void> {
    await until(`order ${order.orderSn} has given back`, async () => {
      const row = stack.db.selectFrom('orders').select('stock_state').where('order_sn', '=', order.orderSn)
      assert.equal((await row.executeTakeFirst())?.stock_state, 'returned')
      assert.equal(await saleOf(order), SaleState.SALE_STATE_RETURNED)
    })
  }

  async function assertPaid(order: Created): Promise<void> {
    const { status, stockState } = (await look(order)).body
    assert.deepEqual([status, stockState, await saleOf(order)], ['TRADE_SUCCESS', 'sold', SaleState.SALE_STATE_SOLD])
  }

  async function assertClosed(order: Created, closedFor: string): Promise<void> {
    const { body } = await look(order)
    assert.deepEqual([body.status, body.closedFor], ['TRADE_CLOSED', closedFor])
    if (closedFor === 'expired') assertNotBeforeItsTime(order, body)
    await givenBack(order)
  }

  /** Runs a test while orders whose time is over are closed by a Schedule. */
  async function closingByItself(test: () => Promise<void>): Promise<void> {
    const schedule = await stack.client.schedule.create({
      scheduleId: SCHEDULE,
      spec: { intervals: [{ every: CLOSE_EVERY_MS }] },
      action: { type: 'startWorkflow', workflowType: WORKFLOW_TYPES.closeDueOrders, workflowId: SCHEDULE, taskQueue: TASK_QUEUE },
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
    })
    try {
      await test()
    } finally {
      await schedule.delete()
    }
  }

  /**
   * Lets some orders become due, then closes what is due while each is asked for something else, one a bit later than the other.
   * @returns the ends that were seen
   */
  async function atTheDeadline<End>(
    round: number,
    race: (order: Created, atItsTime: (send: () => Promise<Answer>) => Promise<Answer>) => Promise<End>,
  ): Promise<End[]> {
    const orders = await Promise.all(Array.from({ length: RACERS }, (_, i) => create(hastyUrl, RACER + i)))
    const dueAt = Math.max(...orders.map(({ payDeadline }) => Date.parse(payDeadline))) + PAY_GRACE_MS
    await sleep(dueAt - Date.now() + 50)
    const run = { taskQueue: TASK_QUEUE, workflowId: `${SCHEDULE}-${round}-${++payments}` }
    const closing = stack.client.workflow.execute(WORKFLOW_TYPES.closeDueOrders, { ...run, args: [] })
    const ends = orders.map((order, i) =>
      race(order, async (send) => {
        await sleep(i * 2 ** (round % 7))
        return await send()
      }),
    )
    return (await Promise.all([Promise.all(ends), closing]))[0]
  }
})

/** Repeats a race until each of its ends was seen; both have to be possible. */
async function untilBoth<End extends string>(ends: readonly End[], race: (round: number) => Promise<End[]>): Promise<void> {
  const seen = new Map(ends.map((end) => [end, 0]))
  for (let round = 0; [...seen.values()].includes(0); round++) {
    assert.ok(round < MOST_ROUNDS, `after ${round} rounds: ${JSON.stringify(Object.fromEntries(seen))}`)
    for (const end of await race(round)) seen.set(end, (seen.get(end) ?? 0) + 1)
  }
}

/** Sends both, in turn one and the other a bit ahead. */
async function atOnce(round: number, a: () => Promise<Answer>, b: () => Promise<Answer>): Promise<[Answer, Answer]> {
  if (round % 2 === 0) return await Promise.all([a(), b()])
  const later = b()
  return [await a(), await later]
}

/** No order is closed before its deadline and the time after it. */
function assertNotBeforeItsTime({ payDeadline }: Created, { closedAt }: Record<string, unknown>): void {
  const [due, at] = [Date.parse(payDeadline) + PAY_GRACE_MS, Date.parse(`${closedAt}`)]
  assert.ok(at >= due, `closed ${due - at} ms early`)
}

function answered({ status, body }: Answer) {
  return { status, body }
}

function outcomes({ body }: Answer): string[] {
  return (body.payments as { outcome: string }[]).map(({ outcome }) => outcome)
}
