import { goodsActivities } from '../activities/goods.ts'
import { Channels } from '../clients/channels.ts'
import { GoodsClient } from '../clients/goods-client.ts'
import type { StarterConfig } from '../config/config.ts'
import { DEADLINES_MS } from '../contracts/time-budget.ts'
import { type GateDeps, gateOf } from './party-clients.ts'

interface Deps extends GateDeps {
  config: StarterConfig
}

/**
 * The goods service as carts ask it: by the mapping of an order's pricing, on a connection and through a gate of their own, so that
 * whoever fills carts takes no call from the orders that a worker in this process creates.
 */
export function cartGoods({ config, logger, metrics }: Deps) {
  const channels = new Channels(config.connection, (message) => logger.warn(message))
  const onBreakerState: GateDeps['metrics']['onBreakerState'] = (service, state) =>
    metrics.onBreakerState(service, state, 'carts')
  onBreakerState('goods', 'closed')
  const gate = gateOf('goods', { config, logger, metrics: { ...metrics, onBreakerState } })
  const { goodsTarget: target, currency, freeGoods } = config
  const goods = new GoodsClient({ target, channels, deadlineMs: DEADLINES_MS.goods, onCall: metrics.onCall, gate })
  const { batchGetGoods } = goodsActivities({ goods, currency, freeGoods, onBatch: metrics.onBatch })
  return { batchGetGoods: (ids: number[]) => batchGetGoods(ids), close: () => goods.close() }
}
