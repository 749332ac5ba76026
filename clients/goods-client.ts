import { Metadata } from '@grpc/grpc-js'
import { type GoodsInfoResponse, type GoodsListResponse, GoodsClient as GoodsStub } from '../proto/generated/goods.ts'
import { connected } from './connected.ts'
import { type ClientOptions, unary } from './unary.ts'

/** The goods service. */
export class GoodsClient {
  readonly #stub: GoodsStub
  readonly #options: ClientOptions
  readonly close: () => void

  constructor(options: ClientOptions) {
    this.#options = options
    const { stub, close } = connected(GoodsStub, options)
    this.#stub = stub
    this.close = close
  }

  /**
   * One call: goods that do not exist are absent.
   * @param atMostMs bounds the client's deadline
   * @throws ServiceError
   */
  async batchGetGoods(ids: number[], atMostMs?: number): Promise<GoodsInfoResponse[]> {
    const { data } = await unary<GoodsListResponse>(
      { service: 'goods', method: 'BatchGetGoods', ...this.#options, atMostMs },
      (options, done) => this.#stub.batchGetGoods({ id: ids }, new Metadata(), options, done),
    )
    return data
  }
}
