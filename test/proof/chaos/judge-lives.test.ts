import assert from 'node:assert/strict'
import type { CreateOrderResult } from '../../../contracts/create-order.ts'
import type { ClosedFor, OrderStatus } from '../../../contracts/order.ts'
import type { PaymentOutcome } from '../../../contracts/payment.ts'
import type { StoredPayment } from '../../../store/life/payments.ts'
import type { OrderHistory } from '../../support/order-history.ts'
import type { Asked, Moved } from './asked.ts'
import type { Books, StoredRow } from './books.ts'
import type { Violation } from './judge.ts'
import { judgeLives } from './judge-lives.ts'

const AMOUNT = { amount: 200, currency: 'CNY' }
const MOMENT = '2030-01-01T00:15:00.000Z'

type Event = OrderHistory['events'][number]

/** An order, what its customer did and heard, and what the books say of it. */
interface Story {
  row: StoredRow
  asked: Asked
  payments: StoredPayment[]
  history: OrderHistory & { events: Event[] }
}

function story(orderSn: string, status: OrderStatus, closedFor: ClosedFor | null, types: string[]): Story {
  const events = ['order.created', ...types].map((type, i): Event => {
    const statuses: Record<string, OrderStatus> = {
      ...{ 'order.created': 'PAYING', 'order.paid': 'TRADE_SUCCESS', 'order.finished': 'TRADE_FINISHED' },
    }
    return { seq: i + 1, type, data: { status: statuses[type] ?? 'TRADE_CLOSED', ...(closedFor && { reason: closedFor }) } }
  })
  const key = { userId: 1, requestId: orderSn }
  const created: CreateOrderResult = { orderSn, status: 'PAYING', total: AMOUNT, payDeadline: MOMENT, lines: [] }
  const isDeleted = types.includes('order.deleted')
  return {
    row: {
      ...{ ...key, orderSn, status, closedFor, isDeleted, refusalType: null, isConfirmed: true, lines: [], total: AMOUNT.amount },
      stockState: closedFor ? 'returned' : 'sold',
      closedAtMs: closedFor ? 1_000 : null,
      dueAtMs: 1_000,
    },
    asked: {
      ...{ orderSn, kind: 'good', lines: [], sentAtMs: 0, toldOthers: [], moves: [] },
      request: { ...key, address: '', name: '', mobile: '', lines: [] },
      told: [{ kind: 'created', order: created }],
    },
    payments: [],
    history: { orderSn, status, closedFor, isDeleted, payments: {}, events },
  }
}

/** Adds a payment, with its answer and its event. */
function pay(
  { asked, payments, history: { payments: refunds, events }, row: { orderSn } }: Story,
  outcome: PaymentOutcome,
  at: number,
) {
  const paymentId = `${orderSn}-${payments.length}`
  const payment = { provider: 'chaos', paymentId, amount: AMOUNT, paidAt: MOMENT }
  const isAccepted = outcome === 'accepted'
  const answer = { accepted: 'accepted', late: 'PaymentLate', duplicate: 'PaymentDuplicate', mismatch: 'PaymentMismatch' }[
    outcome
  ]
  asked.moves.push({ what: 'pay', payment, answers: [answer, answer] })
  payments.push({ ...payment, orderSn, receivedAt: MOMENT, outcome, refund: isAccepted ? 'none' : 'owed' })
  refunds[`chaos/${paymentId}`] = isAccepted ? 'none' : 'owed'
  const event = events[at - 1]
  assert.ok(event)
  event.data.payment = { provider: 'chaos', paymentId, ...(!isAccepted && { outcome }) }
  if (!isAccepted) event.data.status = events[at - 2]?.data.status ?? event.data.status
}

/** A day on which all is well: one order was paid twice and finished, one cancelled, one expired and was paid late, one was deleted. */
function goodDay() {
  const paid = story('PAID', 'TRADE_FINISHED', null, ['order.paid', 'payment.refund_owed', 'order.finished'])
  pay(paid, 'accepted', 2)
  pay(paid, 'duplicate', 3)
  paid.asked.moves.push(moved('cancel', 'OrderPaid'), moved('finish', 'done'))
  const cancelled = story('CANCELLED', 'TRADE_CLOSED', 'cancelled', ['order.closed'])
  cancelled.asked.moves.push(moved('cancel', 'done'), moved('finish', 'MoveNotAllowed'))
  const expired = story('EXPIRED', 'TRADE_CLOSED', 'expired', ['order.closed', 'payment.refund_owed'])
  pay(expired, 'late', 3)
  const deleted = story('DELETED', 'TRADE_CLOSED', 'deleted', ['order.closed', 'order.deleted'])
  deleted.asked.moves.push(moved('delete', 'done'))
  return { paid, cancelled, expired, deleted }
}

function moved(what: Moved['what'], answer: string): Moved {
  return { what, answers: [answer] }
}

type Day = ReturnType<typeof goodDay>

function judge(day: Day): Violation[] {
  const stories = Object.values(day)
  const books: Books = {
    ...{ stock: new Map(), sold: new Map() },
    orders: stories.map(({ row }) => row),
    payments: stories.flatMap(({ payments }) => payments),
    histories: stories.map(({ history }) => history),
  }
  return judgeLives(
    stories.map(({ asked }) => asked),
    books,
  )
}

const PAYMENTS = 'every payment is accepted once, or owed'
const EVENTS = 'events are what happened'
const TIME = 'closed when due, not before'
const ANSWERS = 'every answer is true'

const DAMAGES: [what: string, damage: (day: Day) => void, broken: Violation['promise']][] = [
  ['a payment that was answered and is not recorded', ({ expired }) => expired.payments.pop(), PAYMENTS],
  ['a payment that was answered otherwise than it is recorded', ({ expired }) => answers(expired, 0, 'accepted'), PAYMENTS],
  ['two answers to one payment', ({ expired }) => expired.asked.moves[0]?.answers.push('accepted'), 'same key, same answer'],
  ['a payment that nobody reported', ({ paid }) => paid.asked.moves.shift(), PAYMENTS],
  [
    'a payment of another amount than was reported',
    ({ paid }) => change(paid.payments[1], { amount: { ...AMOUNT, amount: 1 } }),
    PAYMENTS,
  ],
  ['a second accepted payment', ({ paid }) => change(paid.payments[1], { outcome: 'accepted', refund: 'none' }), PAYMENTS],
  ['a paid order without a payment', ({ paid }) => change(paid.payments[0], { outcome: 'duplicate', refund: 'owed' }), PAYMENTS],
  [
    'an accepted payment of a closed order',
    ({ expired }) => change(expired.payments[0], { outcome: 'accepted', refund: 'none' }),
    PAYMENTS,
  ],
  ['an accepted payment of too little', ({ paid }) => change(paid.row, { total: 300 }), PAYMENTS],
  ['a payment that is not accepted, and not owed', ({ expired }) => change(expired.payments[0], { refund: 'none' }), PAYMENTS],
  ['an order that expired early', ({ expired }) => change(expired.row, { closedAtMs: 999 }), TIME],
  ['an order that is due and still waits', ({ expired }) => change(expired.row, { status: 'PAYING', closedFor: null }), TIME],
  ['a cancellation that was answered, and the order is paid', ({ paid }) => answers(paid, 2, 'done'), ANSWERS],
  ['a cancellation refused as of a paid order, and it is closed', ({ cancelled }) => answers(cancelled, 0, 'OrderPaid'), ANSWERS],
  ['an order that is said to be finished, and is not', ({ cancelled }) => answers(cancelled, 1, 'done'), ANSWERS],
  ['an order that is said to be deleted, and is not', ({ deleted }) => change(deleted.row, { isDeleted: false }), ANSWERS],
  ['an internal error', ({ cancelled }) => answers(cancelled, 0, 'InternalError'), ANSWERS],
  ['a status that an order never had', ({ paid }) => change(created(paid), { status: 'IN_DOUBT' }), ANSWERS],
  ['an order that was cancelled unasked', ({ cancelled }) => cancelled.asked.moves.shift(), EVENTS],
  ['an order that was deleted unasked', ({ deleted }) => deleted.asked.moves.shift(), EVENTS],
  ['an order that was finished unasked', ({ paid }) => paid.asked.moves.pop(), EVENTS],
  ['an event that is missing in the end', ({ paid }) => paid.history.events.pop(), EVENTS],
  ['an event that is missing in the midst', ({ paid }) => paid.history.events.splice(2, 1), EVENTS],
  ['an event that came twice', ({ paid }) => paid.history.events.push({ ...event(paid, 4), seq: 5 }), EVENTS],
  [
    'an event of a move that no order makes',
    ({ cancelled }) => cancelled.history.events.push({ ...event(cancelled, 1), seq: 3 }),
    EVENTS,
  ],
  [
    'an event with another reason than the row',
    ({ cancelled }) => change(event(cancelled, 2).data, { reason: 'expired' }),
    EVENTS,
  ],
  ['a refund that no event owes', ({ expired }) => expired.history.events.pop(), EVENTS],
  ['a refund that is owed as late, before the order was closed', ({ expired }) => swap(expired, 2, 3), EVENTS],
]

describe('the judge of what became of created orders', () => {
  it('finds nothing on a day on which all is well', () => {
    assert.deepEqual(judge(goodDay()), [])
  })

  for (const [what, damage, broken] of DAMAGES) {
    it(`finds ${what}`, () => {
      const day = goodDay()
      damage(day)
      const found = judge(day).map(({ promise }) => promise)
      assert.ok(found.includes(broken), `${broken}: not among ${found}`)
    })
  }
})

function change<T>(object: T | undefined, to: Partial<T>): void {
  assert.ok(object)
  Object.assign(object, to)
}

function answers({ asked }: Story, move: number, answer: string): void {
  change(asked.moves[move], { answers: [answer] })
}

function created({ asked }: Story): CreateOrderResult {
  const [told] = asked.told
  assert.ok(told?.kind === 'created')
  return told.order
}

function event({ history }: Story, seq: number): Event {
  const found = history.events[seq - 1]
  assert.ok(found)
  return found
}

/** Two events change places; their numbers do not. */
function swap(story: Story, a: number, b: number): void {
  const [first, second] = [event(story, a), event(story, b)]
  story.history.events[a - 1] = { ...second, seq: a, data: { ...second.data, status: 'PAYING' } }
  story.history.events[b - 1] = { ...first, seq: b }
}
