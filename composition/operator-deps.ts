import type { Client } from '@temporalio/client'
import { Channels } from '../clients/channels.ts'
import { GoodsClient } from '../clients/goods-client.ts'
import { InventoryClient } from '../clients/inventory-client.ts'
import type { OperatorConfig } from '../config/config.ts'
import { PLAIN_FINGERPRINTS } from '../contracts/fingerprints.ts'
import { DEADLINES_MS } from '../contracts/time-budget.ts'
import type { OperatorDeps } from '../operators/operator-deps.ts'
import type { Database } from '../store/database.ts'
import { eventStore } from '../store/events/event-store.ts'
import { orderStore } from '../store/order-store.ts'
import { recipientStore } from '../store/recipients/recipient-store.ts'
import { runUrlAt } from '../temporal/run-url.ts'
import { keyedFingerprints } from './keyed-fingerprints.ts'
import { priceToday } from './price-today.ts'
import { keyWrapping, recipientsBy } from './recipients.ts'
import { reconciliationDeps } from './reconciliation-deps.ts'

interface Parties {
  config: Pick<
    OperatorConfig,
    | 'connection'
    | 'currency'
    | 'databaseUrl'
    | 'fingerprintKeysFile'
    | 'freeGoods'
    | 'goodsTarget'
    | 'inventoryMode'
    | 'inventoryTarget'
    | 'payWithinMs'
    | 'recipientKeysFile'
    | 'sweepAfterMs'
    | 'taskQueue'
    | 'temporalUiUrl'
  >
  client: Client
  onWarning(message: string): void
}

/** Joins what the verbs of operators work with, on connections of their own: a comparison of all orders takes none from those who order. */
export function operatorDeps({ config, client, onWarning }: Parties): {
  deps: OperatorDeps
  db: Database
  close(): Promise<void>
} {
  const channels = new Channels(config.connection, onWarning)
  const goods = new GoodsClient({ target: config.goodsTarget, channels, deadlineMs: DEADLINES_MS.goods })
  const inventory = new InventoryClient({ target: config.inventoryTarget, channels, deadlineMs: DEADLINES_MS.inventory })
  const onError = ({ message }: Error) => onWarning(`PostgreSQL connection lost: ${message}`)
  const reconciliation = reconciliationDeps({ config, inventory, client, onError })
  const { db } = reconciliation
  const recipients = recipientStore(db)
  const wrapping = keyWrapping(config, onWarning)
  // A row that is restored is written as any other. That there are no keys the programs say whose rows they are.
  const fingerprints = config.fingerprintKeysFile ? keyedFingerprints(config, onWarning) : PLAIN_FINGERPRINTS
  const { temporalUiUrl: ui } = config
  return {
    db,
    deps: {
      orders: orderStore(db, { fingerprints }),
      events: eventStore(db),
      recipients,
      keyWrapping: wrapping,
      sealing: wrapping && recipientsBy({ ...config, recipients: 'sealed' }, recipients, onWarning, fingerprints),
      client,
      taskQueue: config.taskQueue,
      inventory,
      reconciliation,
      priceToday: priceToday(goods, config),
      payWithinMs: config.payWithinMs,
      stuckAfterMs: config.sweepAfterMs,
      ...(ui && { runUrl: runUrlAt(ui, client.options.namespace) }),
    },
    async close() {
      goods.close()
      inventory.close()
      await db.destroy()
    },
  }
}
