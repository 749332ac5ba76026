import { Metadata } from '@grpc/grpc-js'
import { type GoodsInvInfo, InventoryServiceClient as InventoryStub, type SaleInfo } from '../proto/generated/inventory.ts'
import { CHANNEL_OPTIONS, type ClientOptions, CREDENTIALS, unary } from './channel.ts'

/** The inventory service; orderSn keys Sell and Reback. Every call has the client's deadline or its own, and throws ServiceError. */
export class InventoryClient {
  readonly #stub: InventoryStub
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
    this.#stub = new InventoryStub(options.target, CREDENTIALS, CHANNEL_OPTIONS)
  }

  async sell(orderSn: string, goodsInvInfo: GoodsInvInfo[], deadlineMs?: number): Promise<void> {
    await unary({ service: 'inventory', method: 'Sell', ...this.#options }, (done) =>
      this.#stub.sell({ orderSn, goodsInvInfo }, new Metadata(), this.#deadline(deadlineMs), done),
    )
  }

  async reback(orderSn: string, goodsInvInfo: GoodsInvInfo[], deadlineMs?: number): Promise<void> {
    await unary({ service: 'inventory', method: 'Reback', ...this.#options }, (done) =>
      this.#stub.reback({ orderSn, goodsInvInfo }, new Metadata(), this.#deadline(deadlineMs), done),
    )
  }

  /** An inventory without keys answers UNIMPLEMENTED. */
  async getSale(orderSn: string): Promise<SaleInfo> {
    return await unary({ service: 'inventory', method: 'GetSale', ...this.#options }, (done) =>
      this.#stub.getSale({ orderSn }, new Metadata(), this.#deadline(), done),
    )
  }

  close(): void {
    this.#stub.close()
  }

  #deadline(ms = this.#options.deadlineMs) {
    return { deadline: Date.now() + ms }
  }
}
