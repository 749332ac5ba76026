import { anyText, ID, INSTANT, oneOf } from './kinds.ts'
import { MONEY } from './money.ts'
import { LINE, ORDER_SN, STATUS } from './order.ts'
import { body, ifKnown, list, type TypeOf } from './schema.ts'

/** Kinds of events: one for each change of an order, and of a payment that owes a refund. */
const EVENT_TYPES = [
  ...['order.created', 'order.paid', 'order.closed', 'order.finished', 'order.deleted', 'order.in_doubt', 'order.settled'],
  ...['payment.refund_owed', 'payment.refunded'],
] as const

/** The payment that an event is about. */
export const EVENT_PAYMENT = body('EventPayment', {
  provider: anyText(),
  paymentId: anyText(),
  outcome: ifKnown(anyText({ description: 'What it came to, where it owes or owed a refund.' })),
  amount: ifKnown(MONEY),
})

/** Content of an event: the order as the change left it, and what belongs to the change alone. */
export const EVENT_DATA = body('EventData', {
  orderSn: ORDER_SN,
  userId: ID,
  status: STATUS,
  total: ifKnown(MONEY),
  lines: ifKnown(list(LINE, { description: 'order.created: what was ordered.' })),
  payDeadline: ifKnown(INSTANT),
  payment: ifKnown(EVENT_PAYMENT),
  reason: ifKnown(anyText({ description: 'order.closed: refused, cancelled, expired or deleted.' })),
  failure: ifKnown(anyText({ description: 'order.closed: the failure for which it was refused.' })),
})

/** One event: CloudEvents 1.0 in JSON. */
export const EVENT = body(
  'Event',
  {
    specversion: anyText(),
    id: anyText({ description: 'Order number and sequence: the same event has it for ever, however often it is delivered.' }),
    source: anyText({ format: 'uri-reference' }),
    type: oneOf(EVENT_TYPES, 'What happened.'),
    subject: ORDER_SN,
    time: INSTANT,
    datacontenttype: anyText(),
    sequence: anyText({ description: 'Number of the event among those of its order, from 0000000001 on without gaps.' }),
    data: EVENT_DATA,
  },
  {
    description: 'A CloudEvent (1.0).',
    examples: [
      {
        ...{ specversion: '1.0', id: 'MFRGGZDFMZTWQ2LK/2', source: '/orders', type: 'order.paid', subject: 'MFRGGZDFMZTWQ2LK' },
        ...{ time: '2030-01-01T00:12:31.204Z', datacontenttype: 'application/json', sequence: '0000000002' },
        data: {
          ...{ orderSn: 'MFRGGZDFMZTWQ2LK', userId: 7, status: 'TRADE_SUCCESS', total: { amount: 5_400, currency: 'CNY' } },
          payment: { provider: 'alipay', paymentId: '2030010122001' },
        },
      },
    ],
  },
)
export type OrderEvent = TypeOf<typeof EVENT>

/** One page of the feed. */
export const EVENT_PAGE = body('EventPage', {
  events: list(EVENT),
  next: anyText({ description: 'Cursor behind the last of them: the next `after`, whether or not there were any.' }),
})
