import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sql } from 'kysely'
import { failure } from '../../../../contracts/failures.ts'
import { fingerprintOf, orderSnOf } from '../../../../contracts/order-sn.ts'
import type { Database } from '../../../../store/database.ts'
import { closeDueOrders, closeOrder } from '../../../../store/life/close-orders.ts'
import { deleteOrder } from '../../../../store/life/delete-order.ts'
import { finishOrder } from '../../../../store/life/finish-order.ts'
import { recordPayment } from '../../../../store/life/record-payment.ts'
import { markRefunded } from '../../../../store/life/refunds.ts'
import { migrate } from '../../../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../../../store/order-store.ts'
import { connectTestDatabase } from '../../../support/postgres.ts'
import { type LifeRow, LifeRules, type Replayed, type Report, type Tables } from './rules.ts'
import { lifeWithout } from './safeguards.ts'

/** Reports of three payments to one order: of its amount, of its amount, of another; and the first number with another amount. */
const REPORTS = {
  pay: { payment: 0, order: 0, isRight: true },
  payDifferently: { payment: 0, order: 0, isRight: false },
  payAgain: { payment: 1, order: 0, isRight: true },
  payWrongly: { payment: 2, order: 0, isRight: false },
} satisfies Record<string, Report>
const OTHERS = ['confirm', 'void', 'cancel', 'pass', 'finish', 'delete', 'markReturned', 'refunded'] as const
type Message = keyof typeof REPORTS | (typeof OTHERS)[number]
const EVERY: readonly Message[] = [...(Object.keys(REPORTS) as (keyof typeof REPORTS)[]), ...OTHERS]

const TOTAL = 199
const AT_ONCE = 16
const BY = { by: 'a test', why: 'to see' }
const rules = new LifeRules(lifeWithout())
const isReport = (message: Message): message is keyof typeof REPORTS => Object.hasOwn(REPORTS, message)

/** One sequence of messages to an order of its own, in the model and for real. */
interface Play {
  trace: readonly Message[]
  tables: Tables
  orderSn: string
}

describe('the model of the life of an order and the real store', () => {
  let db: Database
  let store: OrderStore
  let users = 0

  before(async () => {
    db = await connectTestDatabase({ max: 16 })
    await migrate(db)
    store = orderStore(db)
  })
  after(() => db.destroy())

  it('agree on every sequence of two messages to an order that is not confirmed', async () => {
    await replay(sequences(2))
  })

  it('agree on every sequence of three messages to a confirmed order', async () => {
    await replay(sequences(3).map((trace) => ['confirm', ...trace]))
  })

  it('agree on long sequences', async () => {
    const traces = fc.sample(fc.array(fc.constantFrom(...EVERY), { minLength: 10, maxLength: 10 }), { seed: 4, numRuns: 300 })
    await replay(traces.map((trace) => ['confirm', ...trace]))
  })

  /** Plays all traces at once, each in the model and for real, and compares after every message. */
  async function replay(traces: readonly (readonly Message[])[]) {
    const plays = await begin(traces)
    for (let at = 0; plays.some(({ trace }) => at < trace.length); at++) {
      await passes(plays.filter(({ trace }) => trace[at] === 'pass'))
      for (let first = 0; first < plays.length; first += AT_ONCE) {
        await Promise.all(plays.slice(first, first + AT_ONCE).map((play) => hold(play, at)))
      }
      await compare(plays, at)
    }
  }

  /** Holds the real answer to the model's. */
  async function hold(play: Play, at: number) {
    const message = play.trace[at] as Message
    const before = play.tables
    play.tables = deliver(before, message)
    assert.deepEqual(await send(play, message), answerTo(message, before, play.tables), `answer ${at + 1} of ${play.trace}`)
  }

  async function begin(traces: readonly (readonly Message[])[]): Promise<Play[]> {
    const intents = traces.map(() => {
      const lines = [{ goodsId: 1, num: 1 }]
      const request = { userId: ++users, requestId: 'life', address: '1 Test Street', name: 'Somebody', mobile: '0100', lines }
      return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }
    })
    await store.openOrders(intents)
    return traces.map((trace, i) => ({
      trace,
      orderSn: intents[i]?.orderSn ?? '',
      tables: {
        rows: [{ status: 'CREATING', stock: 'selling' }],
        payments: [[], [], []],
        replayed: [{ status: 'CREATING', refunds: [undefined, undefined, undefined] }],
      },
    }))
  }

  /** The pass closes what is due in one statement; nothing else is due meanwhile. */
  async function passes(plays: readonly Play[]) {
    const numbers = plays.map(({ orderSn }) => orderSn)
    await sql`update orders set pay_deadline = now() - interval '1 hour' where order_sn = any(${numbers}::text[])`.execute(db)
    const closed = new Set(await closeDueOrders(db, 60_000, 1_000_000))
    await sql`update orders set pay_deadline = now() + interval '1 hour' where order_sn = any(${numbers}::text[])`.execute(db)
    const expected = plays.filter(({ tables }) => tables.rows[0]?.status === 'PAYING').map(({ orderSn }) => orderSn)
    assert.deepEqual(closed, new Set(expected))
  }

  async function send({ orderSn }: Play, message: Message): Promise<string | undefined> {
    const payment = (number: number) => ({ provider: 'pay', paymentId: `${orderSn}-${number}` })
    if (isReport(message)) {
      const { payment: number, isRight } = REPORTS[message]
      const amount = { amount: isRight ? TOTAL : TOTAL + 1, currency: 'CNY' }
      const answer = await recordPayment(db, orderSn, { ...payment(number), amount, paidAt: '2030-01-01T00:15:00Z' })
      return answer.kind === 'recorded' ? answer.payment.outcome : answer.kind
    }
    switch (message) {
      case 'confirm': {
        const price = { amount: TOTAL, currency: 'CNY' }
        await store.confirmOrders([{ orderSn, total: TOTAL, lines: [{ goodsId: 1, name: 'goods 1', image: '', price, num: 1 }] }])
        return undefined
      }
      case 'void':
        await store.voidOrders([{ orderSn, refusal: failure('OrderTimedOut', 'for a test') }])
        return undefined
      case 'cancel':
        return (await closeOrder(db, { orderSn, ...BY }, 'cancelled')).kind
      case 'finish':
        return (await finishOrder(db, { orderSn, ...BY })).kind
      case 'delete':
        return (await deleteOrder(db, { orderSn, ...BY })).kind
      case 'markReturned':
        await store.markReturned([orderSn])
        return undefined
      case 'refunded':
        return (await markRefunded(db, { ...payment(2), ...BY })).kind
      case 'pass':
        return undefined
    }
  }

  async function compare(plays: readonly Play[], at: number) {
    const rows = await db.selectFrom('orders').selectAll().execute()
    const bySn = new Map(rows.map((row) => [row.order_sn, row]))
    const payments = groupBy(await db.selectFrom('payments').selectAll().execute(), ({ order_sn }) => order_sn)
    const events = groupBy(
      await db.selectFrom('order_events').selectAll().orderBy('aggregateid').orderBy('xact').orderBy('id').execute(),
      ({ aggregateid }) => aggregateid,
    )
    for (const { trace, orderSn, tables } of plays) {
      const where = `after ${at + 1} of ${trace}`
      const row = bySn.get(orderSn)
      const real = {
        ...{ status: row?.status, stock: row?.stock_state },
        ...(row?.closed_for && { reason: row.closed_for }),
        ...(row?.deleted_at && { hidden: true }),
      }
      assert.deepEqual(real, tables.rows[0], where)
      const recorded = tables.payments.map((_, number) =>
        (payments.get(orderSn) ?? []).flatMap(({ payment_id, amount, outcome, refund }) =>
          payment_id === `${orderSn}-${number}` ? [{ order: 0, isRight: amount === TOTAL, outcome, refund }] : [],
        ),
      )
      assert.deepEqual(recorded, tables.payments, where)
      const told = events.get(orderSn) ?? []
      assert.deepEqual(
        told.map(({ seq }) => seq),
        told.map((_, i) => i + 1),
        where,
      )
      assert.deepEqual(
        told.reduce(replayedAfter, { status: 'CREATING', refunds: [undefined, undefined, undefined] }),
        tables.replayed[0],
        where,
      )
    }
  }
})

/** Returns what a message leaves of the model's tables, if nothing comes between its statements. */
function deliver(tables: Tables, message: Message): Tables {
  if (isReport(message)) return rules.record(tables, REPORTS[message], rules.judge(tables, REPORTS[message]))
  switch (message) {
    case 'confirm':
      return rules.confirm(tables, 0)
    case 'void':
      return rules.void(tables, 0)
    case 'cancel':
      return rules.close(tables, 0, 'cancelled')
    case 'pass':
      return rules.close(tables, 0, 'expired')
    case 'finish':
      return rules.finish(tables, 0)
    case 'delete':
      return rules.hide(rules.close(tables, 0, 'deleted'), 0)
    case 'markReturned':
      return rules.markReturned(tables, 0)
    case 'refunded':
      return rules.markRefunded(tables, 2)
  }
}

function answerTo(message: Message, before: Tables, after: Tables): string | undefined {
  const row = before.rows[0] as LifeRow
  if (isReport(message)) {
    const { payment, isRight } = REPORTS[message]
    const known = after.payments[payment]?.[0]
    if (!known) return 'unsettled'
    return known.isRight === isRight ? known.outcome : 'other'
  }
  const stands = {
    cancel: row.status === 'TRADE_CLOSED' && row.reason !== 'refused',
    finish: row.status === 'TRADE_FINISHED',
    delete: row.hidden === true,
    refunded: before.payments[2]?.[0]?.refund === 'refunded',
  }
  if (message === 'refunded' && before.payments[2]?.length === 0) return 'absent'
  if (!(message in stands)) return undefined
  if (after !== before) return 'moved'
  return stands[message as keyof typeof stands] ? 'stood' : 'refused'
}

/** Replays an event as a consumer does: by what it says alone. */
function replayedAfter(before: Replayed, { type, payload }: { type: string; payload: Record<string, unknown> }): Replayed {
  const { status, reason, payment } = payload.data as {
    status: Replayed['status']
    reason?: Replayed['reason']
    payment?: { paymentId: string }
  }
  const refunds = type.startsWith('payment.')
    ? before.refunds.with(Number(payment?.paymentId.at(-1)), type === 'payment.refunded' ? 'refunded' : 'owed')
    : before.refunds
  return { ...before, status, refunds, ...(reason && { reason }), ...(type === 'order.deleted' && { hidden: true }) }
}

function sequences(length: number): Message[][] {
  if (length === 0) return [[]]
  return sequences(length - 1).flatMap((before) => EVERY.map((message) => [...before, message]))
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}
