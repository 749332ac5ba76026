import { isDeepStrictEqual } from 'node:util'
import type { ClosedFor, OrderStatus } from '../../contracts/order.ts'
import type { PaymentOutcome, RefundState } from '../../contracts/payment.ts'
import type { Database } from '../../store/database.ts'

/** An order as its row and payments say it, and as its events do. */
export interface OrderHistory {
  orderSn: string
  status: OrderStatus
  closedFor: ClosedFor | null
  isDeleted: boolean
  /** State of the money that is owed, by `provider/paymentId`. */
  payments: Record<string, RefundState>
  /** Events in the order of their numbers. */
  events: readonly OrderEvent[]
}

interface OrderEvent {
  seq: number
  type: string
  data: EventData
}

interface EventData {
  status: OrderStatus
  reason?: ClosedFor
  payment?: { provider: string; paymentId: string; outcome?: PaymentOutcome }
}

/** Statuses of which an event leads away; an event that does not stand here leaves the status. */
const FROM: Record<string, readonly OrderStatus[]> = {
  'order.created': ['CREATING'],
  'order.paid': ['PAYING', 'WAIT_BUYER_PAY'],
  'order.finished': ['TRADE_SUCCESS'],
  'order.closed': ['CREATING', 'PAYING', 'WAIT_BUYER_PAY'],
  'order.in_doubt': ['CREATING', 'TRADE_CLOSED'],
  'order.settled': ['IN_DOUBT', 'TRADE_CLOSED'],
}
/** Status of an order whose payment comes to nothing so. */
const OWED_OF: Record<Exclude<PaymentOutcome, 'accepted'>, readonly OrderStatus[]> = {
  late: ['TRADE_CLOSED'],
  duplicate: ['TRADE_SUCCESS', 'TRADE_FINISHED'],
  mismatch: ['PAYING', 'WAIT_BUYER_PAY'],
}

/** Reads the histories of these orders, or of all. */
export async function readHistories(db: Database, orderSns?: readonly string[]): Promise<OrderHistory[]> {
  const query = db.selectFrom('orders').select(['order_sn', 'status', 'closed_for', 'deleted_at'])
  const rows = await (orderSns ? query.where('order_sn', 'in', [...orderSns]) : query).execute()
  const histories = new Map(
    rows.map((row) => {
      const { order_sn: orderSn, status, closed_for: closedFor, deleted_at } = row
      const events: OrderEvent[] = []
      return [orderSn, { orderSn, status, closedFor, isDeleted: deleted_at !== null, payments: {}, events }] as const
    }),
  ) as Map<string, OrderHistory & { events: OrderEvent[] }>
  for (const { order_sn, provider, payment_id, refund } of await db.selectFrom('payments').selectAll().execute()) {
    const history = histories.get(order_sn)
    if (history) history.payments[`${provider}/${payment_id}`] = refund
  }
  const events = await db.selectFrom('order_events').select(['aggregateid', 'seq', 'type', 'payload']).orderBy('seq').execute()
  for (const { aggregateid, seq, type, payload } of events) {
    histories.get(aggregateid)?.events.push({ seq, type, data: payload.data as EventData })
  }
  return [...histories.values()]
}

/**
 * Replays the events of an order as a consumer does who knows nothing else of it.
 * @returns what is wrong: a number is missing, an event is of what did not happen, or the end is not the row's
 */
export function problemsOf({ events, orderSn: _, ...row }: OrderHistory): string[] {
  const found: string[] = []
  const told: Omit<OrderHistory, 'orderSn' | 'events'> = { status: 'CREATING', closedFor: null, isDeleted: false, payments: {} }
  for (const [i, { seq, type, data }] of events.entries()) {
    if (seq !== i + 1) found.push(`event ${i + 1} has number ${seq}`)
    const { status, reason, payment } = data
    const wasPossible = FROM[type]?.includes(told.status) ?? status === told.status
    if (!wasPossible) found.push(`event ${seq}, ${type} to ${status}, is of an order that was ${told.status}`)
    if (type === 'order.deleted') {
      if (told.isDeleted || status !== 'TRADE_CLOSED') found.push(`event ${seq} deletes what is deleted, or ${status}`)
      told.isDeleted = true
    }
    if (payment) {
      const { provider, paymentId, outcome } = payment
      const name = `${provider}/${paymentId}`
      if (type === 'payment.refund_owed' && !(outcome && outcome !== 'accepted' && OWED_OF[outcome].includes(told.status))) {
        found.push(`event ${seq} owes payment ${name} (${outcome}) of an order that was ${told.status}`)
      }
      const [before, after] = refundBy(type)
      if (told.payments[name] !== before) found.push(`event ${seq}, ${type}, is of payment ${name}, ${told.payments[name]}`)
      told.payments[name] = after
    }
    told.status = status
    if (status === 'TRADE_CLOSED') told.closedFor = reason ?? told.closedFor
  }
  if (!isDeepStrictEqual(sorted(told), sorted(row))) {
    found.push(`events come to ${JSON.stringify(sorted(told))}, the row is ${JSON.stringify(sorted(row))}`)
  }
  return found
}

/** State of a payment before and after its event. */
function refundBy(type: string): [RefundState | undefined, RefundState] {
  if (type === 'order.paid') return [undefined, 'none']
  return type === 'payment.refunded' ? ['owed', 'refunded'] : [undefined, 'owed']
}

function sorted({ payments, ...rest }: Omit<OrderHistory, 'orderSn' | 'events'>) {
  return { ...rest, payments: Object.fromEntries(Object.entries(payments).sort(([a], [b]) => (a < b ? -1 : 1))) }
}
