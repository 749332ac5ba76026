import type { EventDeps } from '../activities/deliver-events.ts'
import { WebhookClient } from '../clients/webhook-client.ts'
import type { WorkerConfig } from '../config/config.ts'
import { connectDatabase } from '../store/database.ts'
import { eventStore } from '../store/events/event-store.ts'
import { eventMetrics } from '../telemetry/event-metrics.ts'
import type { Metrics } from '../telemetry/metrics.ts'

interface Parties {
  config: Pick<WorkerConfig, 'databaseUrl' | 'eventsKeepMs' | 'eventsWebhookUrl' | 'eventsWebhookSecret'>
  metrics: Pick<Metrics, 'registry'>
  onError: (error: Error) => void
}

/** Parts of the delivery of events, on connections of its own: many deliveries at once take none from orders. */
export function eventDeps({ config, metrics, onError }: Parties): EventDeps & { close(): void } {
  const { eventsKeepMs: keepMs, eventsWebhookUrl: url, eventsWebhookSecret: secret } = config
  const db = connectDatabase(config.databaseUrl, { max: 3, onError })
  const events = eventStore(db)
  const webhook = url && secret ? new WebhookClient(url, secret) : undefined
  const toWebhook = webhook !== undefined
  return {
    events: { ...events, removeEvents: (atMost) => events.removeEvents({ keepMs, atMost, toWebhook }) },
    ...(webhook && { post: (event, signal) => webhook.post(event.id, event, signal) }),
    ...eventMetrics(metrics.registry, () => events.eventLag(), toWebhook),
    close() {
      db.destroy().catch(() => {}) // its connections end with the process
    },
  }
}
