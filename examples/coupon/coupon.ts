import type { Participant } from '../../contracts/participants/participant.ts'

interface Coupons {
  use(orderSn: string, coupon: string, userId: number, atMostMs: number): Promise<unknown>
  giveBack(orderSn: string, atMostMs: number): Promise<unknown>
}

/** An order that names a coupon uses it, and has it back unless it is confirmed. */
export const coupon = {
  name: 'coupon',
  holds: 'coupon',
  asks: ({ coupon }) => (coupon === undefined ? undefined : { coupon }),
  deadlineMs: 2_000,
  do: {
    step: 'useCoupon',
    stepOfBatch: 'useCoupons',
    summary: 'Use the coupon, once per order number',
    summaryOfBatch: 'One Use for each order with a coupon',
    method: 'Use',
    call: (service, { orderSn, userId, asked }, atMostMs) => service.use(orderSn, asked.coupon, userId, atMostMs),
    answers: [
      { status: 'FAILED_PRECONDITION', reason: 'COUPON_REFUSED', means: 'CouponRefused' },
      { status: 'FAILED_PRECONDITION', reason: 'COUPON_RETURNED', means: 'OrderClosed' },
    ],
    unanswered: 'coupon_unanswered',
    drawn: () => 'coupon used',
  },
  undo: {
    step: 'returnCoupon',
    stepOfBatch: 'returnCoupons',
    summary: 'Compensation 2: give the coupon back, once per order number',
    summaryOfBatch: 'Give back the coupons that the refused orders may hold',
    method: 'Return',
    call: (service, { orderSn }, atMostMs) => service.giveBack(orderSn, atMostMs),
    answers: [],
  },
} as const satisfies Participant<Coupons, { coupon: string }>
