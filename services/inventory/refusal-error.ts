import { status } from '@grpc/grpc-js'
import { StatusError } from '../../rpc/server/status-error.ts'
import type { LedgerRefusal } from './stock-ledger.ts'

/** `domain` of every ErrorInfo of this service. */
const DOMAIN = 'inventory'
/** Goods named in a message, and in the detail: gRPC trailers hold some 16 KB, and a sale may have more lines. */
const NAMED_IN_MESSAGE = 10
const NAMED_IN_DETAIL = 1_000
/** Maximum number of short goods whose pieces the detail reports. With the ids of all goods they stay below those 16 KB. */
const LEFT_IN_DETAIL = 50

/**
 * Answer to a Sell or Reback that is refused: all goods that stand in the way, in `goodsIds`, and the pieces `left` of those that
 * are short. Missing stock records weigh more than short stock: no smaller order would help.
 */
export function refusalError(orderSn: string, refusals: readonly [LedgerRefusal, ...LedgerRefusal[]]): StatusError {
  const missing = refusals.filter(({ reason }) => reason === 'STOCK_NOT_FOUND')
  const short = refusals.filter(({ reason }) => reason === 'INSUFFICIENT_STOCK')
  const shortOf = `not enough stock of goods ${named(short, ({ goodsId, asked, left }) => `${goodsId} (${asked} asked, ${left} left)`)}`
  const reason = missing.length > 0 ? 'STOCK_NOT_FOUND' : refusals[0].reason
  switch (reason) {
    case 'SALE_RETURNED':
      return new StatusError(
        status.FAILED_PRECONDITION,
        `order ${orderSn} was given back before: it cannot be sold any more, use a new order number`,
        { reason, domain: DOMAIN, metadata: { orderSn } },
      )
    case 'SALE_MISMATCH':
      return new StatusError(
        status.FAILED_PRECONDITION,
        `order ${orderSn} was sold with other lines: repeat it unchanged, or use a new order number`,
        { reason, domain: DOMAIN, metadata: { orderSn } },
      )
    case 'STOCK_NOT_FOUND':
      return new StatusError(
        status.NOT_FOUND,
        `no stock record of goods ${named(missing, ({ goodsId }) => `${goodsId}`)}: order without them, or make one by SetInventory${short.length > 0 ? `; ${shortOf}` : ''}`,
        { reason, domain: DOMAIN, metadata: { goodsId: `${missing[0]?.goodsId}`, goodsIds: idsOf(refusals), ...leftOf(short) } },
      )
    case 'INSUFFICIENT_STOCK':
      return new StatusError(status.RESOURCE_EXHAUSTED, shortOf, {
        reason,
        domain: DOMAIN,
        metadata: { goodsIds: idsOf(refusals), ...leftOf(short) },
      })
  }
}

function named(refusals: readonly LedgerRefusal[], name: (refusal: LedgerRefusal) => string): string {
  const more = refusals.length - NAMED_IN_MESSAGE
  return `${refusals.slice(0, NAMED_IN_MESSAGE).map(name).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function leftOf(short: readonly LedgerRefusal[]): Record<string, string> {
  if (short.length === 0) return {}
  const named = short.slice(0, LEFT_IN_DETAIL).map(({ goodsId, left }) => `${goodsId}:${left}`)
  return { left: named.join(',') }
}

function idsOf(refusals: readonly LedgerRefusal[]): string {
  return refusals
    .slice(0, NAMED_IN_DETAIL)
    .map(({ goodsId }) => goodsId)
    .join(',')
}
