import { type ServiceError, status } from '@grpc/grpc-js'
import type { InventoryClient } from './inventory-client.ts'
import { whenThere } from './when-there.ts'

/**
 * Proves that the inventory knows order numbers, by a call that only such an inventory has. The original ignores orderSn in
 * silence, so a wrong setting would sell twice. Waits for an inventory that is away.
 * @throws Error naming INVENTORY_MODE if the inventory has no keys; AbortError if the signal ended the wait
 */
export async function proveKeyed(
  inventory: Pick<InventoryClient, 'getSale'>,
  wait: { signal: AbortSignal; onWait: (reason: string) => void },
): Promise<void> {
  const isKeyed = await whenThere(async () => {
    try {
      await inventory.getSale('PROBE')
      return true
    } catch (error) {
      const { code, details } = error as ServiceError
      if (code === status.UNIMPLEMENTED) return false
      throw new Error(`${status[code] ?? code}: ${details}`)
    }
  }, wait)
  if (isKeyed) return
  throw new Error(
    'the inventory service has no GetSale, so it does not honour orderSn and a retried Sell would sell twice: ' +
      'upgrade it, or set INVENTORY_MODE to what it is',
  )
}
