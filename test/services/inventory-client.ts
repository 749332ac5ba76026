import { credentials } from '@grpc/grpc-js'
import pino from 'pino'
import {
  type GoodsInvInfo,
  InventoryServiceClient,
  type SaleInfo,
  SaleState,
  type SalesPage,
} from '../../proto/generated/inventory.ts'
import type { RunningService } from '../../rpc/server/serve.ts'
import { startInventory } from '../../services/inventory/inventory-service.ts'
import { answer } from './grpc-call.ts'

/** Pieces by goods id. */
export type Lines = readonly (readonly [goodsId: number, num: number])[]

/** A caller of an Inventory over real gRPC, and where a test started one, its owner. */
export class InventoryClient {
  readonly address: string
  readonly service: RunningService | undefined
  readonly #client: InventoryServiceClient

  constructor(address: string, service?: RunningService) {
    this.address = address
    this.service = service
    this.#client = new InventoryServiceClient(address, credentials.createInsecure())
  }

  /** A reference Inventory of its own over one database. */
  static async start(databaseUrl: string): Promise<InventoryClient> {
    const listen = { setting: 'INVENTORY_ADDR', address: '127.0.0.1:0' }
    const service = await startInventory(listen, databaseUrl, pino({ level: 'silent' }))
    return new InventoryClient(service.address, service)
  }

  sell(orderSn: string, lines: Lines) {
    return answer((done) => this.#client.sell({ orderSn, goodsInvInfo: wire(lines) }, done))
  }

  reback(orderSn: string, lines: Lines = []) {
    return answer((done) => this.#client.reback({ orderSn, goodsInvInfo: wire(lines) }, done))
  }

  sale(orderSn: string): Promise<SaleInfo> {
    return answer((done) => this.#client.getSale({ orderSn }, done))
  }

  async sales(afterOrderSn: string, limit = 0): Promise<SaleInfo[]> {
    const { sales } = await answer<SalesPage>((done) => this.#client.listSales({ afterOrderSn, limit }, done))
    return sales
  }

  /** Returns what the whole ledger holds as sold, by order number. */
  async sold(): Promise<Map<string, GoodsInvInfo[]>> {
    const sold = new Map<string, GoodsInvInfo[]>()
    for (let page = await this.sales(''); page.length > 0; page = await this.sales(page.at(-1)?.orderSn ?? '')) {
      for (const { orderSn, state, goodsInvInfo } of page) {
        if (state === SaleState.SALE_STATE_SOLD) sold.set(orderSn, goodsInvInfo)
      }
    }
    return sold
  }

  setStock(goodsId: number, num: number) {
    return answer((done) => this.#client.setInventory({ goodsId, num }, done))
  }

  async stock(goodsId: number): Promise<number> {
    const { num } = await answer<GoodsInvInfo>((done) => this.#client.getInventory({ goodsId, num: 0 }, done))
    return num
  }

  async stop(): Promise<void> {
    this.#client.close()
    await this.service?.stop()
  }
}

function wire(lines: Lines) {
  return lines.map(([goodsId, num]) => ({ goodsId, num }))
}
