import { readConfig } from './config.ts'
import { startGoods } from './goods/goods-service.ts'
import { startInventory } from './inventory/inventory-service.ts'
import { logger } from './shared/logger.ts'
import { run } from './shared/run.ts'
import { startUser } from './user/user-service.ts'

await run(logger, () => {
  const config = readConfig(process.env, ['goods', 'inventory', 'user'])
  return [
    startGoods(config.goods, logger),
    startInventory(config.inventory, config.inventoryDatabaseUrl, logger),
    startUser(config.user, logger),
  ]
})
