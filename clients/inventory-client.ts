import { Metadata } from '@grpc/grpc-js'
import {
  type GoodsInvInfo,
  InventoryServiceClient as InventoryStub,
  type SaleInfo,
  type SalesPage,
} from '../proto/generated/inventory.ts'
import { connected } from './connected.ts'
import { type ClientOptions, unary } from './unary.ts'

/**
 * The inventory service; orderSn keys Sell and Reback. A call has the client's deadline, or the less that its caller has left
 * (`atMostMs`), and throws ServiceError.
 */
export class InventoryClient {
  readonly #stub: InventoryStub
  readonly #options: ClientOptions
  readonly close: () => void

  constructor(options: ClientOptions) {
    this.#options = options
    const { stub, close } = connected(InventoryStub, options)
    this.#stub = stub
    this.close = close
  }

  async sell(orderSn: string, goodsInvInfo: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await unary({ service: 'inventory', method: 'Sell', ...this.#options, atMostMs }, (options, done) =>
      this.#stub.sell({ orderSn, goodsInvInfo }, new Metadata(), options, done),
    )
  }

  async reback(orderSn: string, goodsInvInfo: GoodsInvInfo[], atMostMs?: number): Promise<void> {
    await unary({ service: 'inventory', method: 'Reback', ...this.#options, atMostMs }, (options, done) =>
      this.#stub.reback({ orderSn, goodsInvInfo }, new Metadata(), options, done),
    )
  }

  /** An inventory without keys answers UNIMPLEMENTED. */
  async getSale(orderSn: string): Promise<SaleInfo> {
    return await unary({ service: 'inventory', method: 'GetSale', ...this.#options }, (options, done) =>
      this.#stub.getSale({ orderSn }, new Metadata(), options, done),
    )
  }

  /** A page of the ledger, behind `after` in the order of the numbers' bytes; empty at the end. UNIMPLEMENTED as GetSale. */
  async listSales(after: string): Promise<SaleInfo[]> {
    const { sales } = await unary<SalesPage>({ service: 'inventory', method: 'ListSales', ...this.#options }, (options, done) =>
      this.#stub.listSales({ afterOrderSn: after, limit: 0 }, new Metadata(), options, done),
    )
    return sales
  }

  /** Pieces in stock. @throws ServiceError NOT_FOUND where the inventory has no record of the goods */
  async getStock(goodsId: number): Promise<number> {
    const { num } = await unary<GoodsInvInfo>(
      { service: 'inventory', method: 'GetInventory', ...this.#options },
      (options, done) => this.#stub.getInventory({ goodsId, num: 0 }, new Metadata(), options, done),
    )
    return num
  }
}
