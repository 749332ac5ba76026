import { Metadata } from '@grpc/grpc-js'
import { type GoodsInfoResponse, type GoodsListResponse, GoodsClient as GoodsStub } from '../proto/generated/goods.ts'
import { CHANNEL_OPTIONS, type ClientOptions, CREDENTIALS, unary } from './channel.ts'

/** The goods service. */
export class GoodsClient {
  readonly #stub: GoodsStub
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
    this.#stub = new GoodsStub(options.target, CREDENTIALS, CHANNEL_OPTIONS)
  }

  /**
   * One call: goods that do not exist are absent.
   * @param deadlineMs @default the client's
   * @throws ServiceError
   */
  async batchGetGoods(ids: number[], deadlineMs = this.#options.deadlineMs): Promise<GoodsInfoResponse[]> {
    const { data } = await unary<GoodsListResponse>({ service: 'goods', method: 'BatchGetGoods', ...this.#options }, (done) =>
      this.#stub.batchGetGoods({ id: ids }, new Metadata(), { deadline: Date.now() + deadlineMs }, done),
    )
    return data
  }

  close(): void {
    this.#stub.close()
  }
}
