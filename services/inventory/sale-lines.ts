import { status } from '@grpc/grpc-js'
import type { GoodsInvInfo } from '../../proto/generated/inventory.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import type { SaleLines } from './stock-ledger.ts'

/** The wire counts pieces in int32. */
const MAX_PIECES = 2_147_483_647

/**
 * Equal goods merged, in goods-id order.
 * @throws StatusError INVALID_ARGUMENT naming the line that asks for less than one piece, or the goods of which too many are asked
 */
export function saleLinesOf(sent: readonly GoodsInvInfo[]): SaleLines {
  const byGoods = new Map<number, number>()
  for (const [i, { goodsId, num }] of sent.entries()) {
    if (num < 1) {
      throw new StatusError(status.INVALID_ARGUMENT, `goodsInvInfo[${i}].num must be at least 1, not ${num} (goods ${goodsId})`)
    }
    const sum = (byGoods.get(goodsId) ?? 0) + num
    if (sum > MAX_PIECES) {
      throw new StatusError(
        status.INVALID_ARGUMENT,
        `goodsInvInfo asks for more than ${MAX_PIECES} pieces of goods ${goodsId} in all`,
      )
    }
    byGoods.set(goodsId, sum)
  }
  const lines = [...byGoods].sort(([a], [b]) => a - b)
  return { goodsIds: lines.map(([goodsId]) => goodsId), nums: lines.map(([, num]) => num) }
}
