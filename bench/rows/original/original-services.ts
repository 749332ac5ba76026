import { setTimeout as sleep } from 'node:timers/promises'
import { type handleUnaryCall, Server, type ServiceError, status, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { type GoodsServer, GoodsService } from '../../../proto/generated/goods.ts'
import type { Empty } from '../../../proto/generated/google/protobuf/empty.ts'
import { type InventoryServiceServer, InventoryServiceService, type SellInfo } from '../../../proto/generated/inventory.ts'
import { type UserServer, UserService } from '../../../proto/generated/user.ts'
import { GoodsLocks, type LockTimes } from '../../../services/inventory/goods-locks.ts'
import { SOLD_OUT_GOODS, STUB_GOODS } from '../../order-body.ts'
import { stubGoods, stubUser } from '../stub-catalogue.ts'

/**
 * Times of the original's services, in milliseconds, so that its own way to create orders (server.ts) comes to what was observed of it
 * (docs/benchmarks.md): one query of the goods, and in a Sell two statements for each goods and a share of the commit.
 */
const GOODS_MS = 1
const TRANSACTION_MS_PER_GOODS = 1
/** The lock of each goods: tried every 100 ms, given up after 300; one that was lost blocks its goods for 15 s (docs/origin.md). */
const LOCKS: LockTimes = { patienceMs: 300, tryEveryMs: 100, expiryMs: 15_000 }

const PIECES = 100_000_000
const BUSY: Partial<ServiceError> = { code: status.INTERNAL, details: '系统忙，请稍后重试' }
const OUT_OF_STOCK: Partial<ServiceError> = { code: status.RESOURCE_EXHAUSTED, details: '商品库存不足' }

/**
 * A server of Goods, User and Inventory with the wire behaviour of the original's: Sell takes a lock for each goods in turn, does its
 * transaction, and gives the locks back by way of the call, so that a call that was given up leaves them; no order number is looked at.
 * The stock is in memory: nothing here costs CPU time that the callers could use.
 */
export function originalServices(locks = new GoodsLocks(LOCKS)): Server {
  const stock = new Map<number, number>()
  const stockOf = (goodsId: number) => stock.get(goodsId) ?? (goodsId === SOLD_OUT_GOODS ? 0 : PIECES)

  const changing =
    (sign: 1 | -1): handleUnaryCall<SellInfo, Empty> =>
    async (call, answer) => {
      const { goodsInvInfo } = call.request
      const goodsIds = goodsInvInfo.map(({ goodsId }) => goodsId)
      if (!(await locks.lock(goodsIds))) return answer(BUSY)
      await sleep(TRANSACTION_MS_PER_GOODS * goodsIds.length)
      const isShort = goodsInvInfo.some(({ goodsId, num }) => stockOf(goodsId) + sign * num < 0)
      if (!isShort) for (const { goodsId, num } of goodsInvInfo) stock.set(goodsId, stockOf(goodsId) + sign * num)
      if (!call.cancelled) locks.unlock(goodsIds)
      if (isShort) answer(OUT_OF_STOCK)
      else answer(null, {})
    }

  const goodsServer: Pick<GoodsServer, 'batchGetGoods'> = {
    async batchGetGoods({ request }, answer) {
      await sleep(GOODS_MS)
      answer(null, stubGoods(request.id))
    },
  }
  const userServer: UserServer = {
    async getUserById({ request }, answer) {
      await sleep(GOODS_MS)
      answer(null, stubUser(request.id))
    },
  }
  const inventoryServer: Pick<InventoryServiceServer, 'sell' | 'reback' | 'getInventory'> = {
    sell: changing(-1),
    reback: changing(1),
    getInventory({ request: { goodsId } }, answer) {
      if (goodsId < 1 || goodsId > STUB_GOODS) return answer({ code: status.NOT_FOUND, details: '库存不存在' })
      answer(null, { goodsId, num: stockOf(goodsId) })
    },
  }
  const server = new Server()
  server.addService(GoodsService, goodsServer as UntypedServiceImplementation)
  server.addService(UserService, userServer)
  server.addService(InventoryServiceService, inventoryServer as UntypedServiceImplementation)
  return server
}
