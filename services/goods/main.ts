import { readConfig } from '../config.ts'
import { logger } from '../shared/logger.ts'
import { run } from '../shared/run.ts'
import { startGoods } from './goods-service.ts'

await run(logger, () => {
  const config = readConfig(process.env, ['goods'])
  return [startGoods(config.goods, logger, config.minorDigits)]
})
