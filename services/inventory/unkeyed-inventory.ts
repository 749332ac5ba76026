import { setTimeout as sleep } from 'node:timers/promises'
import { type handleUnaryCall, type ServerUnaryCall, status } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import type { Empty } from '../../proto/generated/google/protobuf/empty.ts'
import { type InventoryServiceServer, InventoryServiceService, type SellInfo } from '../../proto/generated/inventory.ts'
import { type RunningService, serve } from '../../rpc/server/serve.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import { unary } from '../../rpc/server/unary.ts'
import type { ListenConfig } from '../config.ts'
import { GoodsLocks, type LockTimes } from './goods-locks.ts'
import type { NextFault, StockFault } from './stock-faults.ts'
import { type LedgerRefusal, type SaleLines, StockLedger } from './stock-ledger.ts'

/** Observed on the original inventory (docs/origin.md): a lock that is held costs its rival 300 ms, one that was lost blocks its goods for 15 s. */
const OBSERVED: LockTimes = { patienceMs: 300, expiryMs: 15_000 }
/** Time after which a late call takes effect, in milliseconds: above every deadline of the callers. */
const LATE_MS = 4_000

/** The answers by which the original inventory reports that its transaction came to nothing. */
const NOTHING_DONE: Partial<Record<StockFault, [status, string]>> = {
  busy: [status.INTERNAL, '系统忙，请稍后重试'],
  conflict: [status.ABORTED, '库存已变更，请重试'],
  notBegun: [status.INTERNAL, '开启事务失败'],
  notRead: [status.INTERNAL, '查询库存失败'],
  notWritten: [status.INTERNAL, '更新库存失败'],
}
const COMMIT_FAILED: [status, string] = [status.INTERNAL, '提交事务失败']

export interface UnkeyedOptions {
  /** Draws the fault of each Sell and Reback. @default no fault ever */
  nextFault?: NextFault
  locks?: LockTimes
  /** Time after which a late call takes effect, in milliseconds: beyond its caller's deadline. @default 4000 */
  lateMs?: number
  /** Ends the wait for a PostgreSQL that is away. @default nothing does */
  signal?: AbortSignal
}

/**
 * A stand-in for the inventory in production: its wire behaviour, its locks, and its faults. It has no keys. Whatever
 * reaches it is applied, as often as it does; the same goods twice in one call lock themselves out; a quantity below one is
 * taken as it comes. Only the stock is kept as in the reference inventory, so that it outlives a kill.
 * @throws Error when it cannot listen, or its database cannot be used; AbortError if the signal ended the wait
 */
export async function startUnkeyedInventory(
  listen: ListenConfig,
  databaseUrl: string,
  log: Logger,
  { nextFault = () => undefined, locks: times = OBSERVED, lateMs = LATE_MS, signal }: UnkeyedOptions = {},
): Promise<RunningService> {
  const ledger = await StockLedger.open(databaseUrl, log, signal)
  const locks = new GoodsLocks(times)

  function changing(change: (lines: SaleLines) => Promise<LedgerRefusal[]>): handleUnaryCall<SellInfo, Empty> {
    return (call, callback) => {
      unary<SellInfo, Empty>(log, async ({ goodsInvInfo }) => {
        const goodsIds = goodsInvInfo.map(({ goodsId }) => goodsId)
        if (!(await locks.lock(goodsIds))) throw failed('busy')
        try {
          const lines = inGoodsOrder(goodsInvInfo)
          await withFault(nextFault(), () => change(lines))
          return {}
        } finally {
          // Given back by way of the call, as the original does: of one that was given up nothing is.
          if (!isGivenUp(call)) locks.unlock(goodsIds)
        }
      })(call, callback)
    }
  }

  async function withFault(fault: StockFault | undefined, change: () => Promise<LedgerRefusal[]>): Promise<void> {
    if (fault === 'commitFailed') throw new StatusError(...COMMIT_FAILED)
    if (fault && NOTHING_DONE[fault]) throw failed(fault)
    if (fault === 'late') await sleep(lateMs)
    const refusals = await change().catch((error: unknown) => {
      log.warn({ err: error }, 'the transaction broke')
      throw new StatusError(...COMMIT_FAILED)
    })
    if (refusals[0]) throw refused(refusals[0])
    if (fault === 'commitApplied') throw new StatusError(...COMMIT_FAILED)
    if (fault === 'replyDropped') throw new StatusError(status.UNAVAILABLE, 'Connection dropped')
    if (fault === 'replyLost') await sleep(lateMs)
  }

  const implementation: Pick<InventoryServiceServer, 'sell' | 'reback' | 'setInventory' | 'getInventory'> = {
    sell: changing((lines) => ledger.sell('', lines)),
    reback: changing((lines) => ledger.reback('', lines)),
    setInventory: unary(log, async ({ goodsId, num }) => {
      await ledger.setStock(goodsId, num)
      return {}
    }),
    getInventory: unary(log, async ({ goodsId }) => {
      const num = await ledger.stockOf(goodsId)
      if (num === undefined) throw new StatusError(status.NOT_FOUND, '库存不存在')
      return { goodsId, num }
    }),
  }
  const { sell, reback, setInventory, getInventory } = InventoryServiceService
  const definition = { sell, reback, setInventory, getInventory }
  return serve({ name: 'inventory', ...listen, definition, implementation: { ...implementation }, close: () => ledger.close() })
}

function failed(fault: StockFault): StatusError {
  return new StatusError(...(NOTHING_DONE[fault] ?? COMMIT_FAILED))
}

function refused({ reason, goodsId }: LedgerRefusal): StatusError {
  return reason === 'INSUFFICIENT_STOCK'
    ? new StatusError(status.RESOURCE_EXHAUSTED, `商品 ${goodsId} 库存不足`)
    : new StatusError(status.NOT_FOUND, `商品 ${goodsId} 库存不存在`)
}

function inGoodsOrder(lines: SellInfo['goodsInvInfo']): SaleLines {
  const sorted = lines.toSorted((a, b) => a.goodsId - b.goodsId)
  return { goodsIds: sorted.map(({ goodsId }) => goodsId), nums: sorted.map(({ num }) => num) }
}

/** True if the call was given up by its caller, whose deadline has passed. */
function isGivenUp(call: ServerUnaryCall<SellInfo, Empty>): boolean {
  return call.cancelled || Number(call.getDeadline()) < Date.now()
}
