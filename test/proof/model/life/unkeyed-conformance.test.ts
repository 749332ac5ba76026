import assert from 'node:assert/strict'
import { failure } from '../../../../contracts/failures.ts'
import type { Database } from '../../../../store/database.ts'
import { migrate } from '../../../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../../../store/order-store.ts'
import type { SendPermit } from '../../../../store/unkeyed-stock.ts'
import { connectTestDatabase } from '../../../support/postgres.ts'
import { Draw } from '../../chaos/draw.ts'
import type { Step } from '../checker.ts'
import { lifeWithout } from './safeguards.ts'
import { type UnkeyedSale, unkeyedSale } from './unkeyed-sale.ts'

const WALKS = Number(process.env.WALKS ?? 160)
const AT_ONCE = 16
const MOST_STEPS = 60
const LINES = [{ goodsId: 3, num: 2 }]
const WHY = failure('OrderTimedOut', 'for a test')
const PRICED = LINES.map((line) => ({ ...line, name: 'x', image: '', price: { amount: 199, currency: 'CNY' } }))
const STATUSES = { absent: undefined, CREATING: 'CREATING', PAYING: 'PAYING', CLOSED: 'TRADE_CLOSED', IN_DOUBT: 'IN_DOUBT' }

/** One order, in the model and for real. */
interface Walk {
  orderSn: string
  userId: number
  /** The real marks, by their numbers in the model. */
  marks: Map<number, string>
}

type MadeStep = Step<UnkeyedSale>

/** A step of the model before and after it, and the driver that makes it. */
interface Made {
  label: string
  before: UnkeyedSale
  after: UnkeyedSale
  driver: UnkeyedSale['drivers'][number] | undefined
}

describe('the model of a sale without keys and the real store', () => {
  const model = unkeyedSale(lifeWithout())
  let db: Database
  let store: OrderStore
  let users = 0

  before(async () => {
    db = await connectTestDatabase({ max: AT_ONCE })
    await migrate(db)
    store = orderStore(db)
  })
  after(() => db.destroy())

  it('agree on a shortest way by each statement', async () => {
    for (const way of waysByEach(Object.keys(STATEMENTS))) await walk(way)
  })

  it(`agree on ${WALKS} other ways through the model`, async () => {
    for (let first = 0; first < WALKS; first += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => walk(drawn(new Draw(first + i)))))
    }
  })

  /** Looks at the states of the model, breadth first, until each statement was met. @returns a way that ends with each */
  function waysByEach(kinds: readonly string[]): MadeStep[][] {
    const missed = new Set(kinds)
    const ways: MadeStep[][] = []
    const seen = new Set([model.encode(model.initial)])
    for (let ends: MadeStep[][] = [[]]; missed.size > 0; ) {
      assert.ok(ends.length > 0, `no way comes by ${[...missed]}`)
      const next: MadeStep[][] = []
      for (const way of ends) {
        for (const step of model.steps(way.at(-1)?.state ?? model.initial)) {
          const longer = [...way, step]
          const kind = kindOf(step.label)
          if (kind !== undefined && missed.delete(kind)) ways.push(longer)
          const state = model.encode(step.state)
          if (seen.has(state)) continue
          seen.add(state)
          next.push(longer)
        }
      }
      ends = next
    }
    return ways
  }

  function drawn(draw: Draw): MadeStep[] {
    const way: MadeStep[] = []
    for (let world = model.initial; way.length < MOST_STEPS; ) {
      const steps = model.steps(world)
      if (steps.length === 0) break
      const step = draw.oneOf(steps as [MadeStep, ...MadeStep[]])
      way.push(step)
      world = step.state
    }
    return way
  }

  /** Goes a way in the model and for real, and compares after each step. */
  async function walk(steps: readonly MadeStep[]): Promise<void> {
    const userId = ++users
    const way: Walk = { orderSn: `WALK${userId}`, userId, marks: new Map() }
    const story: string[] = []
    let world = model.initial
    for (const { label, state } of steps) {
      story.push(`${label}: ${model.describe(state)}`)
      const kind = kindOf(label)
      const driver = world.drivers[['lane', 'old lane', 'createOrder', 'sweep'].indexOf(label.split(': ')[0] ?? '')]
      try {
        if (kind !== undefined) await STATEMENTS[kind]?.(way, { label, before: world, after: state, driver })
        await compare(way, state)
      } catch (error) {
        assert.fail(`${(error as Error).message}\n${story.join('\n')}`)
      }
      world = state
    }
  }

  function kindOf(label: string): string | undefined {
    const what = label.replace(/^[a-zA-Z ]+: /, '')
    return Object.keys(STATEMENTS).find((beginning) => what.startsWith(beginning))
  }

  /** Statement of the store for each step of the model that touches the row, by the beginning of its label; the first that fits. */
  const STATEMENTS: Record<string, (way: Walk, made: Made) => Promise<void>> = {
    'inserts the row': async ({ orderSn, userId }) => {
      const request = { requestId: 'r', address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: LINES }
      await store.openOrders([
        { ...request, orderSn, userId, fingerprint: `f${userId}`, workflowId: `w/${orderSn}`, keyed: false },
      ])
    },
    'marks its Sell': async (way, { driver, after }) => {
      noteMark(way, after, await mark(way, driver?.token))
    },
    'a late mark arrives': async (way, { before, after }) => {
      noteMark(way, after, await mark(way, before.lateMark))
    },
    'a late mark finds': async (way, { before }) => {
      await mark(way, before.lateMark)
    },
    'finds its own mark': async (way, { before, driver }) => {
      const permit = await mark(way, driver?.token)
      assert.deepEqual(permit, { kind: 'send', mark: way.marks.get(before.mark) })
    },
    'finds it sold': async (way, { driver }) => assert.equal((await mark(way, driver?.token)).kind, 'done'),
    'meets a mark': async (way, { driver }) => assert.equal((await mark(way, driver?.token)).kind, 'unanswered'),
    'records that it was': async (way, { label, driver }) => {
      assert.ok(await record(way, driver, !label.includes('not applied')))
    },
    'records its answer, and does not hear': async (way, { driver }) => {
      assert.ok(await record(way, driver, driver?.at === 'recordApplied'))
    },
    'finds recorded': async (way, { driver }) => assert.ok(await record(way, driver, driver?.at === 'recordApplied', true)),
    'keeps its answer as evidence': async (way, { driver }) => {
      assert.ok(!(await record(way, driver, driver?.at === 'recordApplied', driver?.isRepeat)))
    },
    'confirms it': async ({ orderSn }) => {
      const [order] = await store.confirmOrders([{ orderSn, total: 398, lines: PRICED }])
      assert.equal(order?.status, 'PAYING')
    },
    'may not confirm it': async ({ orderSn }) => {
      const [order] = await store.confirmOrders([{ orderSn, total: 398, lines: PRICED }])
      assert.notEqual(order?.status, 'PAYING')
    },
    'closes it': close,
    'puts it in doubt': close,
    'the stock is given back': async ({ orderSn }) => {
      const permit = await store.markSent(orderSn, 'Reback')
      assert.ok(permit.kind === 'send')
      await store.recordAnswers('Reback', [{ orderSn, mark: permit.mark, wasApplied: true }])
    },
    'an operator finds it': async ({ orderSn }, { after }) => {
      const verdict = after.stock === 'returning' ? 'sold' : 'notSold'
      assert.ok(await store.resolveInDoubt({ orderSn, verdict, by: 'Olga', why: 'counted' }))
    },
  }

  /** The tokens of the model are few, and used again once nobody holds them. */
  async function mark({ orderSn }: Walk, token: number | undefined): Promise<SendPermit> {
    return await store.markSent(orderSn, 'Sell', `token ${token}`)
  }

  function noteMark({ marks }: Walk, after: UnkeyedSale, permit: SendPermit): void {
    assert.ok(permit.kind === 'send')
    marks.set(after.mark, permit.mark)
  }

  async function record(
    { orderSn, marks }: Walk,
    driver: Made['driver'],
    wasApplied: boolean,
    isRepeat = false,
  ): Promise<boolean> {
    const mark = marks.get(driver?.mark ?? 0)
    assert.ok(mark, 'it was answered without a mark')
    return (await store.recordAnswers('Sell', [{ orderSn, mark, wasApplied }], isRepeat)).has(orderSn)
  }

  async function close({ orderSn, userId }: Walk): Promise<void> {
    const request = { userId, requestId: 'r', fingerprint: `f${userId}`, workflowId: `w/${orderSn}` }
    await store.voidOrders([{ orderSn, refusal: WHY, keyed: false, request }])
  }

  async function compare({ orderSn, marks }: Walk, { status, stock, mark, by }: UnkeyedSale): Promise<void> {
    const row = await db
      .selectFrom('orders')
      .select(['status', 'stock_state', 'sent_by', (column) => column.cast<string>('sent_at', 'text').as('sent_at')])
      .where('order_sn', '=', orderSn)
      .executeTakeFirst()
    assert.equal(row?.status, STATUSES[status])
    if (row) assert.equal(row.stock_state, stock)
    if (stock !== 'selling') return
    assert.deepEqual([row?.sent_at, row?.sent_by], [marks.get(mark), `token ${by}`])
  }
})
