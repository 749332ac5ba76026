import { code as currencyOf } from 'currency-codes'
import type { Logger } from 'pino'
import type { RunningService } from '../../rpc/server/serve.ts'
import type { ServicesConfig } from '../config.ts'
import { startGoods } from './goods-service.ts'

/** The goods that the settings ask for: their prices have the decimals of the `CURRENCY` that the worker takes them for. */
export function startConfiguredGoods({ goodsAddr, currency }: ServicesConfig<'goods'>, log: Logger): Promise<RunningService> {
  return startGoods({ setting: 'GOODS_ADDR', address: goodsAddr }, log, currencyOf(currency)?.digits)
}
