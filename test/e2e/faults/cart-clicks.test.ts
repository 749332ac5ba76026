import assert from 'node:assert/strict'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { type Answer, call, cartOf, orderOf, putIntoCart } from '../shop.ts'
import { StockEquation } from '../stock.ts'
import { spawnRoot } from './spawn-root.ts'
import { until } from './until.ts'

const GOODS = [41, 42]
const [FIRST = 0, SECOND = 0] = GOODS
/** The users of a story; each has a cart with two pieces of the first goods. */
const CROWD = 8

/** Each of them has starters of its own, on a task queue of its own. */
const ARRANGEMENTS = {
  'the lane, run by the starters themselves': { INTAKE: 'lane', STARTER_WORKER: 'true' },
  'each order in a run of its own': { INTAKE: 'single' },
}

describe('clicks on a cart, without a key,', () => {
  let stack: TestStack
  /** The other suites of this stack have ordered before. */
  let since: Date
  let lastUser = 440

  before(async () => {
    stack = await testStack()
    since = new Date()
  })

  for (const [i, [what, settings]] of Object.entries(ARRANGEMENTS).entries()) {
    it(`are one order for one click: doubled, repeated, and through a starter that is killed; ${what}`, async () => {
      const queue = { ...settings, TASK_QUEUE: `clicks-${i}` }
      const [worker, starter, other] = await Promise.all([
        spawnRoot(stack, 'worker', queue),
        spawnRoot(stack, 'starter', queue),
        spawnRoot(stack, 'starter', queue),
      ])
      const stock = await StockEquation.of(stack, GOODS)
      await Promise.all(users().map((userId) => doubleClicks(userId, [starter.url, other.url])))
      await Promise.all(users().map((userId) => editsMeanwhile(userId, [starter.url, other.url])))
      const killed = users()
      await Promise.all(killed.map((userId) => putIntoCart(other.url, userId, [{ goodsId: FIRST, num: 2 }])))
      const clicks = killed.map((userId) => clickUntilAnswered(userId, [starter.url, other.url]))
      await until('an order is being created', async () => assert.ok((await ordersOf(killed)).length > 0))
      process.kill(starter.pid, 'SIGKILL')
      for (const [j, answer] of (await Promise.all(clicks)).entries()) {
        const rows = await standing(killed[j] as number)
        assert.deepEqual(rows, [[answer.body.orderSn, [{ goodsId: FIRST, num: 2 }]]], 'one click, one order')
      }
      await stock.assertHolds()
      await Promise.all([worker.stop(), other.stop()])
    })
  }

  /** Four clicks at once on two starters, a repeat, a click with another address, and the next order. */
  async function doubleClicks(userId: number, urls: string[]): Promise<void> {
    const url = urls[0] as string
    await putIntoCart(url, userId, [{ goodsId: FIRST, num: 2 }])
    const answers = await Promise.all([...urls, ...urls].map((at) => click(at, userId)))
    const [first] = answers as [Answer]
    assert.equal(first.status, 201, JSON.stringify(first.body))
    for (const answer of [...answers, await click(url, userId)]) {
      assert.deepEqual([answer.status, answer.body, keyOf(answer)], [201, first.body, keyOf(first)])
    }
    assert.equal(first.body.orderSn, orderSnOf({ userId, requestId: keyOf(first) }))
    const otherTab = await call(`${url}/orders`, { method: 'POST', body: { ...orderOf(userId), address: '9 Lantern Wharf' } })
    assert.deepEqual([otherTab.status, otherTab.body.failure], [422, 'EmptyCart'])
    assert.deepEqual((await click(url, userId)).body, first.body, 'its refusal takes nothing from the first')

    await putIntoCart(url, userId, [{ goodsId: SECOND, num: 1 }])
    const next = await click(url, userId)
    assert.equal(next.status, 201)
    assert.deepEqual(
      (await standing(userId)).map(([, lines]) => lines),
      [[{ goodsId: FIRST, num: 2 }], [{ goodsId: SECOND, num: 1 }]],
    )
    assert.deepEqual(await cartOf(url, userId), [])
  }

  /** A user who clicks and edits at the same time: every piece is ordered once, or is in the cart. */
  async function editsMeanwhile(userId: number, urls: string[]): Promise<void> {
    const edits = async () => {
      for (let i = 0; i < 6; i++) {
        const body = { goodsId: i % 2 ? FIRST : SECOND, num: 1 }
        const { status } = await call(`${urls[i % 2]}/users/${userId}/cart/items`, { method: 'POST', body })
        assert.equal(status, 200)
      }
    }
    const clicks = async () => {
      const answers: Answer[] = []
      for (let i = 0; i < 6; i++) answers.push(await click(urls[i % 2] as string, userId))
      return answers
    }
    const [, ...all] = await Promise.all([edits(), clicks(), clicks()])
    const answers = [...all.flat(), await click(urls[0] as string, userId)]
    for (const { status, body } of answers) {
      assert.ok(status === 201 || (status === 422 && body.failure === 'EmptyCart'), `${status} ${JSON.stringify(body)}`)
    }
    const ordered = await standing(userId)
    const sns = new Set(answers.flatMap(({ status, body }) => (status === 201 ? [body.orderSn] : [])))
    assert.deepEqual(new Set(ordered.map(([orderSn]) => orderSn)), sns, 'an order that nobody was answered')
    const pieces = ordered.flatMap(([, lines]) => lines).reduce((sum, { num }) => sum + num, 0)
    assert.deepEqual([pieces, await cartOf(urls[0] as string, userId)], [6, []])
  }

  /** A caller whose connection breaks sends the same request again, elsewhere. */
  async function clickUntilAnswered(userId: number, urls: string[]): Promise<Answer> {
    for (const at of [...urls, ...urls, ...urls]) {
      const answer = await click(at, userId).catch(() => undefined)
      if (answer?.status === 201) return answer
      if (answer && answer.status !== 503) assert.fail(`${answer.status} ${JSON.stringify(answer.body)}`)
    }
    return assert.fail('never answered')
  }

  async function click(url: string, userId: number): Promise<Answer> {
    return await call(`${url}/orders`, { method: 'POST', body: orderOf(userId) })
  }

  function keyOf({ headers }: Answer): string {
    return headers.get('idempotency-key') ?? ''
  }

  function users(): number[] {
    return Array.from({ length: CROWD }, () => ++lastUser)
  }

  async function ordersOf(userIds: number[]) {
    const all = stack.db.selectFrom('orders').selectAll().where('user_id', 'in', userIds)
    return await all.where('created_at', '>=', since).orderBy('created_at').execute()
  }

  async function standing(userId: number) {
    const rows = (await ordersOf([userId])).filter(({ status }) => status !== 'TRADE_CLOSED')
    assert.ok(rows.every(({ status }) => status === 'PAYING'))
    return rows.map(({ order_sn, lines }) => [order_sn, lines ?? []] as const)
  }
})
