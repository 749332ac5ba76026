import { type OrderStatus, UNPAID_STATUSES } from '../../../contracts/order.ts'
import type { PaymentOutcome } from '../../../contracts/payment.ts'
import type { StoredPayment } from '../../../store/life/payments.ts'
import { type OrderHistory, problemsOf } from '../../support/order-history.ts'
import type { Asked, Moved } from './asked.ts'
import type { Books, StoredRow } from './books.ts'
import type { Violation } from './judge.ts'

const PAID: readonly OrderStatus[] = ['TRADE_SUCCESS', 'TRADE_FINISHED']
/** Outcome of a payment that is answered so. */
const OUTCOMES: Record<string, PaymentOutcome> = {
  accepted: 'accepted',
  PaymentLate: 'late',
  PaymentDuplicate: 'duplicate',
  PaymentMismatch: 'mismatch',
}
/** Orders to which these answers may be given to each move. */
const TRUE_OF: Record<Exclude<Moved['what'], 'pay'>, Record<string, (row: StoredRow) => boolean>> = {
  cancel: { done: wasClosed, OrderPaid: isPaid },
  delete: { done: ({ isDeleted }) => isDeleted, OrderPaid: isPaid },
  finish: { done: ({ status }) => status === 'TRADE_FINISHED', MoveNotAllowed: wasClosed },
}

/** Judges what became of the orders once they were created, when nothing is on its way. */
export function judgeLives(asked: readonly Asked[], books: Books): Violation[] {
  const rows = new Map(books.orders.map((row) => [row.orderSn, row]))
  const moves = new Map(asked.map((one) => [one.orderSn, one.moves]))
  const payments = new Map(books.payments.map((one) => [nameOf(one), one]))
  const histories = new Map(books.histories.map((one) => [one.orderSn, one]))
  return [
    ...judgePayments(books, rows, moves),
    ...asked.flatMap((one) => judgeAnswers(one, rows.get(one.orderSn), payments, histories.get(one.orderSn))),
    ...books.orders.flatMap((row) => [...judgeTime(row), ...judgeMover(row, moves.get(row.orderSn) ?? [])]),
    ...books.histories.flatMap((history) =>
      problemsOf(history).map((what) => violation('events are what happened', `order ${history.orderSn}: ${what}`)),
    ),
  ]
}

function judgePayments(
  { payments, orders }: Books,
  rows: ReadonlyMap<string, StoredRow>,
  moves: ReadonlyMap<string, readonly Moved[]>,
): Violation[] {
  const found: Violation[] = []
  const broken = (what: string) => found.push(violation('every payment is accepted once, or owed', what))
  const accepted = new Map<string, number>()
  for (const paid of payments) {
    const { orderSn, paymentId, amount, outcome, refund } = paid
    const name = `payment ${paymentId} of order ${orderSn}`
    const row = rows.get(orderSn)
    const report = moves.get(orderSn)?.find(({ payment }) => payment && nameOf(payment) === nameOf(paid))?.payment
    if (report?.amount.amount !== amount.amount) broken(`${name} over ${amount.amount} was never reported`)
    if (outcome === 'accepted') {
      accepted.set(orderSn, (accepted.get(orderSn) ?? 0) + 1)
      if (!row || !isPaid(row)) broken(`${name} is accepted, and the order is ${row?.status ?? 'not there'}`)
      if (amount.amount !== row?.total) broken(`${name} over ${amount.amount} is accepted, and the order is over ${row?.total}`)
    }
    if ((outcome === 'accepted') !== (refund === 'none')) broken(`${name} is ${outcome}, its refund ${refund}`)
  }
  for (const row of orders) {
    const times = accepted.get(row.orderSn) ?? 0
    if (times !== (isPaid(row) ? 1 : 0)) broken(`order ${row.orderSn} is ${row.status}, with ${times} accepted payments`)
  }
  return found
}

/** Judges the answers that a customer got. */
function judgeAnswers(
  { orderSn, moves, told }: Asked,
  row: StoredRow | undefined,
  payments: ReadonlyMap<string, StoredPayment>,
  history: OrderHistory | undefined,
): Violation[] {
  const found: Violation[] = []
  const untrue = (what: string) => found.push(violation('every answer is true', `order ${orderSn} ${what}`))
  for (const answer of told) {
    if (answer.kind !== 'created') continue
    const { status } = answer.order
    if (!history?.events.some(({ data }) => data.status === status)) untrue(`was said to be ${status}, and never was`)
  }
  for (const { what, payment, answers } of moves) {
    const [first] = answers
    if (first === undefined) continue // its customer left
    const other = answers.find((one) => one !== first)
    if (other) {
      found.push(violation('same key, same answer', `order ${orderSn}: ${what} was answered ${first}, then ${other}`))
    }
    if (!payment) {
      const holds = what === 'pay' ? undefined : TRUE_OF[what][first]
      if (!row || !holds?.(row)) untrue(`is ${row?.status} (${row?.closedFor}), and ${what} was answered ${first}`)
      continue
    }
    const recorded = payments.get(nameOf(payment))
    if (recorded?.orderSn !== orderSn || recorded.outcome !== OUTCOMES[first]) {
      const what = `payment ${payment.paymentId} of order ${orderSn} was answered ${first}, and is ${recorded?.outcome ?? 'not there'}`
      found.push(violation('every payment is accepted once, or owed', what))
    }
  }
  return found
}

function judgeTime({ orderSn, status, closedFor, closedAtMs, dueAtMs }: StoredRow): Violation[] {
  const late = (what: string) => [violation('closed when due, not before', `order ${orderSn} ${what}`)]
  if (UNPAID_STATUSES.includes(status)) return late(`is ${status}, and its time is over`)
  if (closedFor !== 'expired') return []
  if (closedAtMs === null || dueAtMs === null) return late('expired at no moment')
  return closedAtMs < dueAtMs ? late(`expired ${dueAtMs - closedAtMs} ms early`) : []
}

/** An order is moved by its customer, or closed at its deadline; payments are judged by themselves. */
function judgeMover({ orderSn, status, closedFor, isDeleted, isConfirmed }: StoredRow, moves: readonly Moved[]): Violation[] {
  const found: Violation[] = []
  const asked = (sought: Moved['what']) => moves.some(({ what }) => what === sought)
  const unasked = (what: string) => found.push(violation('events are what happened', `order ${orderSn} is ${what}, unasked`))
  if (closedFor === 'cancelled' && !asked('cancel')) unasked('cancelled')
  if ((closedFor === 'deleted' || isDeleted) && !asked('delete')) unasked('deleted')
  if (status === 'TRADE_FINISHED' && !asked('finish')) unasked('finished')
  if (closedFor !== null && (closedFor === 'refused') === isConfirmed) {
    found.push(
      violation('events are what happened', `order ${orderSn} is ${closedFor}${isConfirmed ? ' and was' : ', never'} confirmed`),
    )
  }
  return found
}

function nameOf({ provider, paymentId }: { provider: string; paymentId: string }): string {
  return `${provider}/${paymentId}`
}

function isPaid({ status }: StoredRow): boolean {
  return PAID.includes(status)
}

function wasClosed({ status, isConfirmed }: StoredRow): boolean {
  return status === 'TRADE_CLOSED' && isConfirmed
}

function violation(promise: Violation['promise'], what: string): Violation {
  return { promise, what }
}
