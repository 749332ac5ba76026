import { Server, type ServiceError, status, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { run } from '../../composition/lifecycle.ts'
import { type GoodsServer, GoodsService } from '../../proto/generated/goods.ts'
import {
  type InventoryServiceServer,
  InventoryServiceService,
  SaleState,
  type SellInfo,
} from '../../proto/generated/inventory.ts'
import { type UserServer, UserService } from '../../proto/generated/user.ts'
import { SOLD_OUT_GOODS } from '../order-body.ts'
import { listenUntilStopped } from './listen-until-stopped.ts'
import { stubGoods, stubUser } from './stub-catalogue.ts'

/** Sales that the barrier remembers: an older one has no call under way any more, and an hour of load must not fill the memory. */
const REMEMBERED = 200_000

const sales = new Map<string, SaleState>()

const goodsServer: Pick<GoodsServer, 'batchGetGoods'> = {
  batchGetGoods: ({ request }, answer) => answer(null, stubGoods(request.id)),
}

const userServer: UserServer = { getUserById: ({ request }, answer) => answer(null, stubUser(request.id)) }

const inventoryServer: Pick<InventoryServiceServer, 'sell' | 'reback' | 'getSale'> = {
  sell({ request }, answer) {
    const before = sales.get(request.orderSn)
    if (before === SaleState.SALE_STATE_RETURNED) return answer(refused(status.FAILED_PRECONDITION, 'given back before'))
    if (isSoldOut(request)) return answer(refused(status.RESOURCE_EXHAUSTED, `库存不足: goods ${SOLD_OUT_GOODS}`))
    remember(request.orderSn, SaleState.SALE_STATE_SOLD)
    answer(null, {})
  },
  reback({ request }, answer) {
    remember(request.orderSn, SaleState.SALE_STATE_RETURNED)
    answer(null, {})
  },
  getSale({ request: { orderSn } }, answer) {
    answer(null, { orderSn, state: sales.get(orderSn) ?? SaleState.SALE_STATE_NONE, goodsInvInfo: [] })
  },
}

/**
 * Goods, User and Inventory of the bench in one process, as cheap as they can be: every user exists, the stock never ends
 * (but for one goods, which is sold out), and the inventory's barrier lives in memory. Listens on `STUB_ADDR`.
 */
const server = new Server()
server.addService(GoodsService, goodsServer as UntypedServiceImplementation)
server.addService(UserService, userServer)
server.addService(InventoryServiceService, inventoryServer as UntypedServiceImplementation)
run(() => listenUntilStopped(server))

function remember(orderSn: string, state: SaleState): void {
  sales.set(orderSn, state)
  const [oldest] = sales.keys()
  if (sales.size > REMEMBERED && oldest !== undefined) sales.delete(oldest)
}

function isSoldOut({ goodsInvInfo }: SellInfo): boolean {
  return goodsInvInfo.some(({ goodsId }) => goodsId === SOLD_OUT_GOODS)
}

function refused(code: status, details: string): Partial<ServiceError> {
  return { code, details }
}
