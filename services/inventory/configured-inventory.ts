import type { Logger } from 'pino'
import type { RunningService } from '../../rpc/server/serve.ts'
import type { ServicesConfig } from '../config.ts'
import { listening } from '../shared/listening.ts'
import { startInventory } from './inventory-service.ts'
import { seededFaults } from './stock-faults.ts'
import { startUnkeyedInventory } from './unkeyed-inventory.ts'

/**
 * The inventory that the settings ask for: the reference one, or the stand-in for one without keys.
 * @param signal ends the wait for a PostgreSQL that is away
 */
export function startConfiguredInventory(
  config: ServicesConfig<'inventory'>,
  log: Logger,
  signal: AbortSignal,
): Promise<RunningService> {
  const { inventoryAddr: address, inventoryDatabaseUrl: url, inventoryMode, inventoryFaultSeed: seed } = config
  const listen = listening('INVENTORY_ADDR', address, config, log)
  if (inventoryMode === 'keyed') return startInventory(listen, url, log, signal)
  return startUnkeyedInventory(listen, url, log, { signal, ...(seed !== undefined && { nextFault: seededFaults(seed) }) })
}
