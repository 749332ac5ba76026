import { Counter, type Registry } from 'prom-client'
import { EVENT_OUTCOMES, type EventOutcome } from '../contracts/order-events.ts'
import type { EventLag } from '../store/events/event-lag.ts'
import { readGauge } from './read-gauge.ts'
import { readOnce } from './read-once.ts'

/**
 * Metrics of the events: deliveries of this process, and how far the ways out are behind, which is the store's own answer.
 * @param toWebhook true if events are delivered to a webhook
 */
export function eventMetrics(registry: Registry, readLag: () => Promise<EventLag>, toWebhook: boolean) {
  const deliveries = new Counter({
    name: 'event_deliveries_total',
    help: 'Attempts to deliver an event to the webhook, by what they came to; given_up: the last one of three days, counted as failed too',
    labelNames: ['outcome'],
    registers: [registry],
  })
  for (const outcome of EVENT_OUTCOMES) deliveries.inc({ outcome }, 0)
  const lag = readOnce(readLag)
  readGauge(
    registry,
    'event_feed_lag_seconds',
    'Age of the oldest event that readers of the feed may not see yet, because a transaction that writes is open',
    async () => (await lag()).feedSeconds,
  )
  readGauge(
    registry,
    'event_webhook_lag_seconds',
    'Age of the oldest event that the webhook does not have; those that were given up are not counted; 0 without a webhook',
    async () => (toWebhook ? (await lag()).webhookSeconds : 0),
  )
  readGauge(
    registry,
    'events_given_up',
    'Events that were given up: an operator sends them again',
    async () => (await lag()).givenUp,
  )
  return { onDelivery: (outcome: EventOutcome) => deliveries.inc({ outcome }) }
}
