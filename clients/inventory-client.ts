import {
  type GoodsInvInfo,
  InventoryServiceClient as InventoryStub,
  type SaleInfo,
  type SalesPage,
} from '../proto/generated/inventory.ts'
import { ServiceClient } from './service-client.ts'
import type { ClientOptions } from './unary.ts'

/**
 * The inventory service; orderSn keys Sell and Reback. A call has the client's deadline, or the less that its caller has left
 * (`atMostMs`), and throws ServiceError.
 */
export class InventoryClient extends ServiceClient<InventoryStub> {
  constructor(options: ClientOptions) {
    super('inventory', InventoryStub, options)
  }

  async sell(orderSn: string, goodsInvInfo: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await this.call('Sell', atMostMs, (stub, ...sending) => stub.sell({ orderSn, goodsInvInfo }, ...sending))
  }

  async reback(orderSn: string, goodsInvInfo: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await this.call('Reback', atMostMs, (stub, ...sending) => stub.reback({ orderSn, goodsInvInfo }, ...sending))
  }

  /** An inventory without keys answers UNIMPLEMENTED. */
  async getSale(orderSn: string): Promise<SaleInfo> {
    return await this.call('GetSale', undefined, (stub, ...sending) => stub.getSale({ orderSn }, ...sending))
  }

  /** A page of the ledger, behind `after` in the order of the numbers' bytes; empty at the end. UNIMPLEMENTED as GetSale. */
  async listSales(after: string): Promise<SaleInfo[]> {
    const { sales } = await this.call<SalesPage>('ListSales', undefined, (stub, ...sending) =>
      stub.listSales({ afterOrderSn: after, limit: 0 }, ...sending),
    )
    return sales
  }

  /** Pieces in stock. @throws ServiceError NOT_FOUND where the inventory has no record of the goods */
  async getStock(goodsId: number, atMostMs?: number): Promise<number> {
    const { num } = await this.call<GoodsInvInfo>('GetInventory', atMostMs, (stub, ...sending) =>
      stub.getInventory({ goodsId, num: 0 }, ...sending),
    )
    return num
  }
}
