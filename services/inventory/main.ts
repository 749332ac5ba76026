import { readConfig } from '../config.ts'
import { logger } from '../shared/logger.ts'
import { run } from '../shared/run.ts'
import { startInventory } from './inventory-service.ts'

await run(logger, () => {
  const config = readConfig(process.env, ['inventory'])
  return [startInventory(config.inventory, config.inventoryDatabaseUrl, logger)]
})
