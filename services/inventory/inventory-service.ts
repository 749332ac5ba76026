import { status } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import {
  type InventoryServiceServer,
  InventoryServiceService,
  type SaleInfo,
  SaleState,
  type SellInfo,
} from '../../proto/generated/inventory.ts'
import { type RunningService, serve } from '../../rpc/server/serve.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import { unary } from '../../rpc/server/unary.ts'
import type { ListenConfig } from '../config.ts'
import { refusalError } from './refusal-error.ts'
import { saleLinesOf } from './sale-lines.ts'
import { type LedgerRefusal, type Sale, StockLedger } from './stock-ledger.ts'

const MAX_ORDER_SN_LENGTH = 64
/**
 * Maximum number of sales in a page: with 1,000 lines each, as large as an order gets, they stay below the 4 MB of a message.
 */
const MAX_SALES_IN_PAGE = 250
const MAX_INT32 = 2_147_483_647

/**
 * The reference Inventory: the wire behaviour of the production service, and for requests with an order number the
 * participants' barrier. Stock and ledger survive a restart.
 * @param signal ends the wait for a PostgreSQL that is away @default nothing does
 * @throws Error when it cannot listen, or its database cannot be used; AbortError if the signal ended the wait
 */
export async function startInventory(
  listen: ListenConfig,
  databaseUrl: string,
  log: Logger,
  signal?: AbortSignal,
): Promise<RunningService> {
  const ledger = await StockLedger.open(databaseUrl, log, signal)
  const implementation: InventoryServiceServer = {
    sell: unary(log, async (request) => {
      const orderSn = orderSnOf(request)
      if (request.goodsInvInfo.length === 0) throw invalid('goodsInvInfo is empty: a sale needs at least one line')
      done(orderSn, await ledger.sell(orderSn, saleLinesOf(request.goodsInvInfo)))
      return {}
    }),
    reback: unary(log, async (request) => {
      const orderSn = orderSnOf(request)
      if (request.goodsInvInfo.length === 0 && orderSn === '') {
        throw invalid('orderSn and goodsInvInfo are both empty: one has to say what goes back')
      }
      done(orderSn, await ledger.reback(orderSn, saleLinesOf(request.goodsInvInfo)))
      return {}
    }),
    getSale: unary(log, async (request) => {
      const orderSn = orderSnOf(request)
      if (orderSn === '') throw invalid('orderSn is empty: it has to name an order')
      return saleInfo(orderSn, await ledger.saleOf(orderSn))
    }),
    listSales: unary(log, async ({ afterOrderSn, limit }) => {
      if (limit < 0 || limit > MAX_SALES_IN_PAGE) {
        throw invalid(`limit must be from 1 to ${MAX_SALES_IN_PAGE}, or 0 for as many, not ${limit}`)
      }
      const sales = await ledger.salesAfter(orderSnOf({ orderSn: afterOrderSn }), limit || MAX_SALES_IN_PAGE)
      return { sales: sales.map((sale) => saleInfo(sale.orderSn, sale)) }
    }),
    setInventory: unary(log, async ({ goodsId, num }) => {
      if (goodsId < 1) throw invalid(`goodsId must be at least 1, not ${goodsId}`)
      if (num < 0) throw invalid(`num must be at least 0, not ${num}`)
      await ledger.setStock(goodsId, num)
      return {}
    }),
    getInventory: unary(log, async ({ goodsId }) => {
      const num = await ledger.stockOf(goodsId)
      if (num === undefined) throw new StatusError(status.NOT_FOUND, `no stock record of goods ${goodsId}`)
      if (num > MAX_INT32)
        throw new StatusError(status.OUT_OF_RANGE, `goods ${goodsId} have ${num} pieces, more than an int32 can say`)
      return { goodsId, num }
    }),
  }
  return serve({
    name: 'inventory',
    ...listen,
    definition: InventoryServiceService,
    implementation,
    close: () => ledger.close(),
  })
}

function orderSnOf({ orderSn }: Pick<SellInfo, 'orderSn'>): string {
  if (orderSn.length > MAX_ORDER_SN_LENGTH) {
    throw invalid(`orderSn has ${orderSn.length} characters: at most ${MAX_ORDER_SN_LENGTH} are taken`)
  }
  if (orderSn.includes('\0')) throw invalid('orderSn must not hold NUL')
  // What is not UTF-8 is decoded so, and two orders would be one.
  if (orderSn.includes('\uFFFD')) throw invalid('orderSn must be UTF-8')
  return orderSn
}

function saleInfo(orderSn: string, sale: Sale | undefined): SaleInfo {
  return {
    orderSn,
    state: sale ? SaleState[`SALE_STATE_${sale.state}`] : SaleState.SALE_STATE_NONE,
    goodsInvInfo: (sale?.goodsIds ?? []).map((goodsId, i) => ({ goodsId, num: sale?.nums[i] ?? 0 })),
  }
}

function done(orderSn: string, [first, ...more]: LedgerRefusal[]): void {
  if (first) throw refusalError(orderSn, [first, ...more])
}

function invalid(message: string): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, message)
}
