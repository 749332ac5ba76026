import { Server, ServerCredentials, type ServiceError, status, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { run, stopRequested } from '../../composition/lifecycle.ts'
import { type GoodsInfoResponse, type GoodsServer, GoodsService } from '../../proto/generated/goods.ts'
import {
  type InventoryServiceServer,
  InventoryServiceService,
  SaleState,
  type SellInfo,
} from '../../proto/generated/inventory.ts'
import { type UserServer, UserService } from '../../proto/generated/user.ts'
import { SOLD_OUT_GOODS, STUB_GOODS } from '../order-body.ts'

/** Sales that the barrier remembers: an older one has no call under way any more, and an hour of load must not fill the memory. */
const REMEMBERED = 200_000

const goods = new Map(Array.from({ length: STUB_GOODS }, (_, i) => [i + 1, goodsOf(i + 1)]))
const sales = new Map<string, SaleState>()

const goodsServer: Pick<GoodsServer, 'batchGetGoods'> = {
  batchGetGoods({ request }, answer) {
    const data = request.id.flatMap((id) => goods.get(id) ?? [])
    answer(null, { total: data.length, data })
  },
}

const userServer: UserServer = {
  getUserById({ request: { id } }, answer) {
    const [mobile, email, nickname] = ['10000000000', `user${id}@shop.example`, `User ${id}`]
    const rest = { birthday: 0n, gender: 'female', avatar: '', role: 1, username: nickname }
    answer(null, { id, password: '', mobile, email, nickname, ...rest })
  },
}

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
run(async () => {
  const stop = stopRequested()
  const server = new Server()
  server.addService(GoodsService, goodsServer as UntypedServiceImplementation)
  server.addService(UserService, userServer)
  server.addService(InventoryServiceService, inventoryServer as UntypedServiceImplementation)
  await new Promise<void>((resolve, reject) => {
    const { STUB_ADDR: address = '127.0.0.1:8081' } = process.env
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
  await stop
  server.forceShutdown()
})

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

function goodsOf(id: number): GoodsInfoResponse {
  const price = (199 + ((id * 7_919) % 49_800)) / 100
  return {
    id,
    name: `Goods ${id}`,
    goodsSn: `G${id}`,
    stocks: 0,
    marketPrice: price,
    shopPrice: price,
    goodsBrief: `Goods ${id}`,
    goodsDesc: '',
    images: [],
    descImages: [],
    goodsFrontImage: `https://images.shop.example/goods/${id}.jpg`,
    status: 1,
    isHot: false,
    isNew: false,
    onSale: true,
    shipFree: true,
    brandId: 1,
    categoryIds: [1],
  }
}
