import { setTimeout as sleep } from 'node:timers/promises'
import type { CreateOrderResult } from '../../../contracts/create-order.ts'
import type { PaymentRequest } from '../../../contracts/payment.ts'
import type { Moved } from './asked.ts'
import { PAY_GRACE_MS } from './chaos-shop.ts'
import type { PlannedLife } from './planned-life.ts'

/** Name of the payment service in every report. */
const PROVIDER = 'chaos'

/** Sends a move until it has an answer, and notes the answer in it. */
type SendMove = (move: Moved, starter: 'lane' | 'single') => Promise<void>

/**
 * Does with an order that was created what its customer has planned.
 * @param moves every move is noted there before it is sent
 */
export async function liveOn(order: CreateOrderResult, life: PlannedLife, moves: Moved[], send: SendMove): Promise<void> {
  const { kind, afterMs, fromDueMs, finishes } = life
  const { orderSn, total, payDeadline } = order
  const asked = (what: Moved['what'], payment?: PaymentRequest): Moved => {
    const move: Moved = { what, answers: [], ...(payment && { payment }) }
    moves.push(move)
    return move
  }
  const pay = (number: number, amount = total.amount) =>
    asked('pay', {
      provider: PROVIDER,
      paymentId: `${orderSn}-${number}`,
      amount: { ...total, amount },
      paidAt: new Date().toISOString(),
    })

  if (kind === 'leave') return
  await sleep(kind === 'race' ? Math.max(0, Date.parse(payDeadline) + PAY_GRACE_MS + fromDueMs - Date.now()) : afterMs)
  switch (kind) {
    case 'cancel':
    case 'delete': {
      const move = asked(kind)
      await send(move, 'lane')
      return await send(move, 'single')
    }
    case 'pay':
      await send(pay(1), 'lane')
      break
    case 'payRepeated': {
      const payment = pay(1)
      await Promise.all([send(payment, 'lane'), send(payment, 'single')])
      await send(payment, 'single')
      break
    }
    case 'payTwice':
      await Promise.all([send(pay(1), 'lane'), send(pay(2), 'single')])
      break
    case 'payWrongly':
      await send(pay(1, total.amount + 1), 'lane')
      await send(pay(2), 'single')
      break
    case 'race':
      await Promise.all([send(pay(1), 'lane'), send(asked('cancel'), 'single')])
  }
  if (finishes) await send(asked('finish'), 'lane')
}
