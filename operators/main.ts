import { Client } from '@temporalio/client'
import { CommanderError } from 'commander'
import { Channels } from '../clients/channels.ts'
import { GoodsClient } from '../clients/goods-client.ts'
import { InventoryClient } from '../clients/inventory-client.ts'
import { clientConverter } from '../composition/client-converter.ts'
import { priceToday } from '../composition/price-today.ts'
import { reachTemporal } from '../composition/reach-temporal.ts'
import { keyWrapping, recipientsBy } from '../composition/recipients.ts'
import { reconciliationDeps } from '../composition/reconciliation-deps.ts'
import { loadOperatorConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { shownLines } from '../contracts/shown-text.ts'
import { DEADLINES_MS } from '../contracts/time-budget.ts'
import { eventStore } from '../store/events/event-store.ts'
import { orderStore } from '../store/order-store.ts'
import { reachPostgres } from '../store/reach-postgres.ts'
import { recipientStore } from '../store/recipients/recipient-store.ts'
import { runUrlAt } from '../temporal/run-url.ts'
import { complaintOf } from './complaint-of.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { createProgram, type Outcome } from './program.ts'

const UNWELL = 1
const BAD_USAGE = 2

/** `npm run orders -- …`: the verbs of operators, over the same parts as the worker's. */
const program = createProgram(async (verb) => {
  const { text, well } = await withParts(verb)
  console.log(text)
  if (!well) process.exitCode = UNWELL
})
for (const command of [program, ...program.commands]) command.exitOverride()

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    // Commander has already reported what was wrong with the usage; asking for help is no mistake.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : BAD_USAGE)
    console.error(error instanceof ConfigError ? error.message : complaintOf(error))
    process.exit(error instanceof ConfigError ? BAD_USAGE : UNWELL)
  },
)

async function withParts(verb: (deps: OperatorDeps) => Promise<Outcome>): Promise<Outcome> {
  const config = loadOperatorConfig(process.env)
  const connection = await reachTemporal(config.temporal.connection)
  const { namespace } = config.temporal
  const warn = (message: string) => console.error(shownLines(message))
  const client = new Client({ connection, namespace, dataConverter: clientConverter(config, warn) })
  const channels = new Channels(config.connection, warn)
  const goods = new GoodsClient({ target: config.goodsTarget, channels, deadlineMs: DEADLINES_MS.goods })
  const inventory = new InventoryClient({
    target: config.inventoryTarget,
    channels,
    deadlineMs: DEADLINES_MS.inventory,
  })
  const reconciliation = reconciliationDeps({ config, inventory, client })
  const { temporalUiUrl: ui } = config
  const recipients = recipientStore(reconciliation.db)
  const wrapping = keyWrapping(config, warn)
  try {
    await reachPostgres(reconciliation.db, config.databaseUrl, 'tables')
    return await verb({
      orders: orderStore(reconciliation.db),
      events: eventStore(reconciliation.db),
      recipients,
      keyWrapping: wrapping,
      sealing: wrapping && recipientsBy({ ...config, recipients: 'sealed' }, recipients, warn),
      client,
      taskQueue: config.taskQueue,
      inventory,
      reconciliation,
      priceToday: priceToday(goods, config),
      payWithinMs: config.payWithinMs,
      stuckAfterMs: config.sweepAfterMs,
      ...(ui && { runUrl: runUrlAt(ui, namespace) }),
    })
  } finally {
    goods.close()
    inventory.close()
    await reconciliation.db.destroy()
  }
}
