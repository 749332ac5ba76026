import { type OrderSn, parseOrderSn } from '../contracts/order.ts'
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

  /** @throws Error, before anything is sent, for what is no order number */
  async sell(orderSn: OrderSn, lines: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await this.#sell(parseOrderSn(orderSn), lines, atMostMs)
  }

  /** @throws Error, before anything is sent, for what is no order number */
  async reback(orderSn: OrderSn, lines: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await this.#reback(parseOrderSn(orderSn), lines, atMostMs)
  }

  /** A Sell that happens as often as it arrives, for an inventory without keys (activities/unkeyed-inventory.ts). */
  async sellUnkeyed(lines: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await this.#sell('', lines, atMostMs)
  }

  /** A Reback that happens as often as it arrives, likewise. */
  async rebackUnkeyed(lines: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await this.#reback('', lines, atMostMs)
  }

  async #sell(orderSn: OrderSn | '', goodsInvInfo: GoodsInvInfo[], atMostMs: number | undefined): Promise<void> {
    await this.call('Sell', atMostMs, (stub, ...sending) => stub.sell({ orderSn, goodsInvInfo }, ...sending))
  }

  async #reback(orderSn: OrderSn | '', goodsInvInfo: GoodsInvInfo[], atMostMs: number | undefined): Promise<void> {
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

  /** Pieces in stock. @throws ServiceError NOT_FOUND if the inventory has no record of the goods */
  async getStock(goodsId: number, atMostMs?: number): Promise<number> {
    const { num } = await this.call<GoodsInvInfo>('GetInventory', atMostMs, (stub, ...sending) =>
      stub.getInventory({ goodsId, num: 0 }, ...sending),
    )
    return num
  }
}
