import { run } from '../shared/run.ts'
import { startConfiguredInventory } from './configured-inventory.ts'

await run('inventory', ['inventory'], (config, log, signal) => [startConfiguredInventory(config, log, signal)])
