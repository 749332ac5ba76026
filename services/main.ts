import { startConfiguredGoods } from './goods/configured-goods.ts'
import { startConfiguredInventory } from './inventory/configured-inventory.ts'
import { run } from './shared/run.ts'
import { startConfiguredUser } from './user/configured-user.ts'

await run('services', ['goods', 'inventory', 'user'], (config, log, signal) => [
  startConfiguredGoods(config, log),
  startConfiguredInventory(config, log, signal),
  startConfiguredUser(config, log),
])
