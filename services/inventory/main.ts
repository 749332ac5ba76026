import { readConfig } from '../config.ts'
import { logger } from '../shared/logger.ts'
import { run } from '../shared/run.ts'
import { startConfiguredInventory } from './configured-inventory.ts'

await run(logger, () => {
  return [startConfiguredInventory(readConfig(process.env, ['inventory']), logger)]
})
