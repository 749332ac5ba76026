import type { Activities } from '../contracts/activities.ts'
import { failureIn } from '../contracts/application-failure.ts'
import { MAX_BATCH_BYTES } from '../contracts/create-orders.ts'
import { encodedBytes } from '../contracts/encoded-size.ts'
import { parseOrderSn } from '../contracts/order.ts'
import { type OneParticipant, PARTICIPANTS, participantsOf } from '../contracts/participants/list.ts'
import type { BatchOpening, GoodsSnapshot } from '../contracts/steps.ts'
import type { Batch, BatchOrder } from './batch.ts'
import { missingAnswer } from './missing-answer.ts'
import { priceOrder } from './price-order.ts'
import { refuseAboveCap } from './refuse-above-cap.ts'

/** The steps that lead an order to its confirmation, each tried once for a whole batch. */
export const TRIED_STEPS = ['prepareOrders', ...PARTICIPANTS.map(({ do: doing }) => doing.stepOfBatch), 'confirmOrders'] as const
export type TriedSteps = Pick<Activities, (typeof TRIED_STEPS)[number]>

/**
 * Takes the orders of a batch as far as one quick attempt at each step takes them: each ends confirmed, refused, or unresolved.
 * @throws what a step throws, which failed for all of them
 */
export async function tryBatch(batch: Batch, steps: TriedSteps): Promise<void> {
  await prepare(batch, steps)
  for (const participant of PARTICIPANTS) await take(batch, participant, steps)
  await confirm(batch, steps)
}

async function prepare(batch: Batch, { prepareOrders }: TriedSteps): Promise<void> {
  const orders = batch.onTheWay
  if (orders.length === 0) return
  const { openings, users, goods, unknown } = await prepareOrders(orders.map(({ request }) => request))
  const unanswered = new Set(unknown)
  const known = new Map(goods.map((snapshot) => [snapshot.goodsId, snapshot]))
  let bytesLeft: number = MAX_BATCH_BYTES.confirmed - batch.confirmedBytes
  for (const [i, order] of orders.entries()) {
    open(batch, order, openings[i])
    if (order.outcome || order.unresolved) continue
    const user = users[i]
    const missing = missingAnswer(user, order.lines, unanswered)
    if (missing) order.unresolved = missing
    else if (user && 'refused' in user) order.refusal = user.refused
    else price(order, known)
    const size = encodedBytes(order.priced)
    if (size > bytesLeft) order.unresolved ??= { reason: 'too_large', why: 'too large an answer for a batch' }
    else bytesLeft -= size
  }
}

function open(batch: Batch, order: BatchOrder, opening: BatchOpening | undefined): void {
  switch (opening?.state) {
    case 'open':
      order.orderSn = opening.orderSn
      order.lines = opening.lines
      if (opening.mayCost !== undefined) order.mayCost = opening.mayCost
      break
    case 'confirmed':
      order.orderSn = parseOrderSn(opening.order.orderSn)
      batch.confirm(order, opening.order)
      break
    case 'refused':
      order.outcome = { state: 'refused', refusal: opening.refusal }
      break
    default:
      order.unresolved = { reason: opening?.reason ?? 'opened_before', why: opening?.why ?? 'not opened' }
  }
}

function price(order: BatchOrder, known: ReadonlyMap<number, GoodsSnapshot>): void {
  const goods = order.lines.flatMap(({ goodsId }) => known.get(goodsId) ?? [])
  try {
    const priced = priceOrder(order.lines, goods, order.request.expectedTotal)
    refuseAboveCap(priced, order.mayCost)
    order.priced = priced
  } catch (error) {
    const refused = failureIn(error)
    if (!refused) throw error
    order.refusal = refused
  }
}

async function take(batch: Batch, participant: OneParticipant, steps: TriedSteps): Promise<void> {
  const { stepOfBatch, unanswered: reason, method } = participant.do
  const orders = batch.onTheWay.filter(({ request }) => participantsOf(request).includes(participant))
  if (orders.length === 0) return
  const answers = await steps[stepOfBatch](orders.map(({ orderSn, lines }) => ({ orderSn: parseOrderSn(orderSn), lines })))
  for (const [i, order] of orders.entries()) {
    const answer = answers[i]
    if (!answer || 'unknown' in answer) order.unresolved = { reason, why: `no answer to ${method}` }
    else if ('refused' in answer) order.refusal = answer.refused
  }
}

async function confirm(batch: Batch, { confirmOrders }: TriedSteps): Promise<void> {
  const orders = batch.onTheWay
  if (orders.length === 0) return
  const confirmed = await confirmOrders(orders.map(({ orderSn, priced }) => ({ orderSn: parseOrderSn(orderSn), lines: priced })))
  for (const [i, order] of orders.entries()) {
    const result = confirmed[i]
    if (result) batch.confirm(order, result)
    else order.unresolved = { reason: 'closed_meanwhile', why: 'closed meanwhile' }
  }
}
