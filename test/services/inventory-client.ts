import { credentials } from '@grpc/grpc-js'
import pino from 'pino'
import { InventoryServiceClient, type SaleInfo } from '../../proto/generated/inventory.ts'
import { startInventory } from '../../services/inventory/inventory-service.ts'
import type { RunningService } from '../../services/shared/serve.ts'
import { answer } from './grpc-call.ts'

/** Pieces by goods id. */
export type Lines = readonly (readonly [goodsId: number, num: number])[]

/** A reference Inventory of its own over one database, called over real gRPC. */
export class InventoryClient {
  readonly service: RunningService
  readonly #client: InventoryServiceClient

  private constructor(service: RunningService) {
    this.service = service
    this.#client = new InventoryServiceClient(service.address, credentials.createInsecure())
  }

  static async start(databaseUrl: string): Promise<InventoryClient> {
    const listen = { setting: 'INVENTORY_ADDR', address: '127.0.0.1:0' }
    return new InventoryClient(await startInventory(listen, databaseUrl, pino({ level: 'silent' })))
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

  setStock(goodsId: number, num: number) {
    return answer((done) => this.#client.setInventory({ goodsId, num }, done))
  }

  async stock(goodsId: number): Promise<number> {
    const { num } = await answer((done) => this.#client.getInventory({ goodsId, num: 0 }, done))
    return num
  }

  async stop(): Promise<void> {
    this.#client.close()
    await this.service.stop()
  }
}

function wire(lines: Lines) {
  return lines.map(([goodsId, num]) => ({ goodsId, num }))
}
