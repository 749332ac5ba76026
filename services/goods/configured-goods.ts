import { code as currencyOf } from 'currency-codes'
import type { Logger } from 'pino'
import type { RunningService } from '../../rpc/server/serve.ts'
import type { ServicesConfig } from '../config.ts'
import { listening } from '../shared/listening.ts'
import { startGoods } from './goods-service.ts'

/** The goods that the settings ask for: their prices have the decimals of the `CURRENCY` that the worker takes them for. */
export function startConfiguredGoods(config: ServicesConfig<'goods'>, log: Logger): Promise<RunningService> {
  const { goodsAddr, currency } = config
  return startGoods(listening('GOODS_ADDR', goodsAddr, config, log), log, currencyOf(currency)?.digits)
}
