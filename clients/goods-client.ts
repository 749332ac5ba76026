import { type GoodsInfoResponse, type GoodsListResponse, GoodsClient as GoodsStub } from '../proto/generated/goods.ts'
import { ServiceClient } from './service-client.ts'
import type { ClientOptions } from './unary.ts'

/** The goods service. */
export class GoodsClient extends ServiceClient<GoodsStub> {
  constructor(options: ClientOptions) {
    super('goods', GoodsStub, options)
  }

  /**
   * One call: goods that do not exist are absent.
   * @param atMostMs bounds the client's deadline
   * @throws ServiceError
   */
  async batchGetGoods(ids: number[], atMostMs?: number): Promise<GoodsInfoResponse[]> {
    const { data } = await this.call<GoodsListResponse>('BatchGetGoods', atMostMs, (stub, ...sending) =>
      stub.batchGetGoods({ id: ids }, ...sending),
    )
    return data
  }
}
