import type { InventoryClient } from '../clients/inventory-client.ts'
import { type SaleInfo, SaleState } from '../proto/generated/inventory.ts'
import type { ReconciliationDeps } from './deps.ts'
import type { LedgerEntry } from './judge-order.ts'

/** gRPC status NOT_FOUND. */
const NOT_FOUND = 5

/** The inventory as a reconciliation asks it. @param keyed whether it keeps a ledger by order number */
export function inventoryDeps(
  inventory: Pick<InventoryClient, 'listSales' | 'getSale' | 'getStock'>,
  keyed: boolean,
): Pick<ReconciliationDeps, 'ledger' | 'stockOf'> {
  return {
    async stockOf(goodsId) {
      return await inventory.getStock(goodsId).catch((error: { code?: number }) => {
        if (error.code === NOT_FOUND) return 0
        throw error
      })
    },
    ...(keyed && {
      ledger: {
        async salesAfter(orderSn) {
          return (await inventory.listSales(orderSn)).map((sale) => ({ orderSn: sale.orderSn, ...entryOf(sale) }))
        },
        async sale(orderSn) {
          return entryOf(await inventory.getSale(orderSn))
        },
      },
    }),
  }
}

function entryOf({ state, goodsInvInfo }: SaleInfo): LedgerEntry {
  const lines = goodsInvInfo.map(({ goodsId, num }) => ({ goodsId, num }))
  if (state === SaleState.SALE_STATE_SOLD) return { state: 'SOLD', lines }
  return { state: state === SaleState.SALE_STATE_RETURNED ? 'RETURNED' : 'NONE', lines: [] }
}
