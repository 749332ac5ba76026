import { readConfig } from './config.ts'
import { startGoods } from './goods/goods-service.ts'
import { startConfiguredInventory } from './inventory/configured-inventory.ts'
import { logger } from './shared/logger.ts'
import { run } from './shared/run.ts'
import { startUser } from './user/user-service.ts'

await run(logger, () => {
  const config = readConfig(process.env, ['goods', 'inventory', 'user'])
  return [
    startGoods(config.goods, logger, config.minorDigits),
    startConfiguredInventory(config, logger),
    startUser(config.user, logger),
  ]
})
