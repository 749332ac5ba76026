import { anyText } from '../contracts/kinds.ts'
import { PAYMENT } from '../contracts/payment.ts'
import { body } from '../contracts/schema.ts'

/** A payment and the order that it was made for. */
export const ORDER_PAYMENT = body('OrderPayment', {
  orderSn: anyText({ description: 'The number of the order.' }),
  ...PAYMENT.fields,
})
