import type { HandOverReason } from '../contracts/create-orders.ts'
import type { Line } from '../contracts/order.ts'
import type { Attempt } from '../contracts/steps.ts'

interface MissingAnswer {
  reason: HandOverReason & ('user_unanswered' | 'goods_unanswered')
  why: string
}

/**
 * Returns the answer that is missing of those that an open order needs before its Sell. A user who is refused needs no goods.
 * @param unanswered goods
 */
export function missingAnswer(
  user: Attempt | undefined,
  lines: readonly Line[],
  unanswered: ReadonlySet<number>,
): MissingAnswer | undefined {
  if (!user || 'unknown' in user) return { reason: 'user_unanswered', why: 'no answer about the user' }
  if ('refused' in user || !lines.some(({ goodsId }) => unanswered.has(goodsId))) return undefined
  return { reason: 'goods_unanswered', why: 'no answer about the goods' }
}
