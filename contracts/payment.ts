import { anyText, INSTANT, lineOfText, oneOf } from './kinds.ts'
import { MAX_PAYMENT_ID_LENGTH, MAX_PROVIDER_LENGTH } from './limits.ts'
import { ASKED_MONEY, MONEY } from './money.ts'
import { body, ifKnown, type Schema, type TypeOf } from './schema.ts'

/**
 * Outcome of a payment.
 * - `accepted`: the order waited for it, and is paid
 * - `late`: the order was closed
 * - `duplicate`: another payment had been accepted
 * - `mismatch`: amount or currency are not the order's, which goes on waiting
 */
export const PAYMENT_OUTCOMES = ['accepted', 'late', 'duplicate', 'mismatch'] as const
export type PaymentOutcome = (typeof PAYMENT_OUTCOMES)[number]

/** Every payment but the accepted one owes a refund, until somebody records that it was made. */
export const REFUND_STATES = ['none', 'owed', 'refunded'] as const
export type RefundState = (typeof REFUND_STATES)[number]

/** A moment that a caller names: ISO 8601 with its offset. */
const ASKED_INSTANT: Schema<string> = {
  json: INSTANT.json,
  read(value, path, problems) {
    const isInstant = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value)
    if (!isInstant || Number.isNaN(Date.parse(value))) {
      problems.add(path, 'must be a moment of ISO 8601 with its offset, such as 2030-01-01T00:15:00Z')
    }
    return value as string
  },
}

/** The report of a payment: the body of `POST /orders/{orderSn}/payments`. */
export const PAYMENT_REQUEST = body(
  'PaymentRequest',
  {
    /** Name of the payment service. With `paymentId` it names the payment for ever. */
    provider: lineOfText(MAX_PROVIDER_LENGTH),
    /** Number of the payment at its provider. */
    paymentId: lineOfText(MAX_PAYMENT_ID_LENGTH),
    amount: ASKED_MONEY,
    /** Moment at which the provider took the money. */
    paidAt: ASKED_INSTANT,
  },
  {
    additionalProperties: false,
    examples: [
      {
        ...{ provider: 'alipay', paymentId: '2030010122001', amount: { amount: 5_400, currency: 'CNY' } },
        paidAt: '2030-01-01T00:12:30Z',
      },
    ],
  },
)
export type PaymentRequest = TypeOf<typeof PAYMENT_REQUEST>

/** A payment as the store holds it. */
export const PAYMENT = body(
  'Payment',
  {
    provider: anyText(),
    paymentId: anyText(),
    amount: MONEY,
    paidAt: INSTANT,
    receivedAt: INSTANT,
    outcome: oneOf(PAYMENT_OUTCOMES, 'What it came to.'),
    refund: oneOf(REFUND_STATES, 'Whether it is to be given back.'),
    refundedAt: ifKnown(INSTANT),
  },
  {
    examples: [
      {
        ...{ provider: 'alipay', paymentId: '2030010122001', amount: { amount: 5_400, currency: 'CNY' } },
        ...{ paidAt: '2030-01-01T00:12:30.000Z', receivedAt: '2030-01-01T00:12:31.204Z', outcome: 'accepted', refund: 'none' },
      },
    ],
  },
)
export type Payment = TypeOf<typeof PAYMENT>
