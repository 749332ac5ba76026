import { status } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { type GoodsServer, GoodsService } from '../../proto/generated/goods.ts'
import { type RunningService, serve } from '../../rpc/server/serve.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import { unary } from '../../rpc/server/unary.ts'
import type { ListenConfig } from '../config.ts'
import { catalogue } from './catalogue.ts'

/**
 * The reference Goods: the wire behaviour of the production service over a fixed catalogue, except that unknown goods are NOT_FOUND.
 * @param minorDigits decimals of the currency of the prices
 */
export function startGoods(listen: ListenConfig, log: Logger, minorDigits = 2): Promise<RunningService> {
  const all = catalogue(minorDigits)
  const implementation: GoodsServer = {
    batchGetGoods: unary(log, ({ id }) => {
      const data = [...new Set(id)].sort((a, b) => a - b).flatMap((one) => all.get(one) ?? [])
      return { total: data.length, data }
    }),
    getGoodsDetail: unary(log, ({ id }) => {
      const goods = all.get(id)
      if (!goods) throw new StatusError(status.NOT_FOUND, `goods ${id} do not exist`)
      return goods
    }),
    healthCheck: unary(log, () => ({})),
  }
  return serve({ name: 'goods', ...listen, definition: GoodsService, implementation })
}
