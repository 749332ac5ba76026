import { Context } from '@temporalio/activity'
import type { EventActivities } from '../contracts/activities.ts'
import type { OrderEvent } from '../contracts/event.ts'
import type { EventOutcome } from '../contracts/order-events.ts'
import type { EventRound } from '../contracts/steps.ts'
import type { UndeliveredEvent } from '../store/events/deliveries.ts'
import type { EventStore } from '../store/events/event-store.ts'
import { callStore } from './order-store-call.ts'

/** Events that one round takes: of those that are tried again, and of those behind the cursor. */
export const EVENTS_AT_ONCE = 200
/** Deliveries under way at the same time, each of another order. */
export const POSTS_AT_ONCE = 50
/** Old events that one round removes. */
const REMOVED_AT_ONCE = 1_000
const MAX_ERROR_LENGTH = 200

/** Parts with which events are delivered; composition/event-deps.ts joins them. */
export interface EventDeps {
  events: Pick<EventStore, 'undeliveredEvents' | 'passEvents' | 'dueRetries' | 'retryDelivered' | 'retryFailed'> & {
    removeEvents(atMost: number): Promise<number>
  }
  /** Delivers one event; absent if no webhook is set. @throws Error saying, without personal data, why the event is not delivered */
  post?: (event: OrderEvent, signal: AbortSignal) => Promise<void>
  onDelivery: (outcome: EventOutcome) => void
}

/**
 * Activities that bring the events to the webhook and remove old ones. Whatever dies here, an event is delivered at least once: the cursor
 * moves behind the deliveries of its page, in one statement with what failed.
 */
export function eventActivities({ events, post, onDelivery }: EventDeps): EventActivities {
  return {
    /** Tries what is due again, then one page behind the cursor; removes old events. */
    async deliverEventRound(): Promise<EventRound> {
      const { cancellationSignal: signal, heartbeat } = Context.current()
      const removed = await callStore('removeEvents', () => events.removeEvents(REMOVED_AT_ONCE))
      const round = { delivered: 0, failed: 0, removed, more: removed === REMOVED_AT_ONCE }
      if (!post) return round

      /** Returns why the event was not delivered; `undefined` if it was. */
      async function attempt(event: OrderEvent): Promise<string | undefined> {
        signal.throwIfAborted()
        heartbeat()
        try {
          await post?.(event, signal)
          round.delivered++
          onDelivery('delivered')
          return undefined
        } catch (error) {
          // A delivery that is cut off by our own end is none that failed.
          signal.throwIfAborted()
          round.failed++
          onDelivery('failed')
          return String((error as Error).message).slice(0, MAX_ERROR_LENGTH)
        }
      }

      const due = await callStore('dueRetries', () => events.dueRetries(EVENTS_AT_ONCE))
      await eachOf(due, async (retry) => {
        const error = await attempt(retry.event)
        if (error === undefined) await callStore('retryDelivered', () => events.retryDelivered(retry))
        else if (await callStore('retryFailed', () => events.retryFailed(retry, error))) onDelivery('given_up')
      })

      const { from, events: page } = await callStore('undeliveredEvents', () => events.undeliveredEvents(EVENTS_AT_ONCE))
      const left: UndeliveredEvent[] = []
      await eachOf(byOrder(page), async (ofOrder) => {
        let isHeld = false
        for (const { event, held } of ofOrder) {
          const place = { orderSn: event.subject, seq: Number(event.sequence) }
          isHeld ||= held
          if (isHeld) left.push(place)
          else {
            const error = await attempt(event)
            if (error === undefined) continue
            left.push({ ...place, error })
            isHeld = true
          }
        }
      })
      const last = page.at(-1)
      if (last) await callStore('passEvents', () => events.passEvents(from, last.place, left))
      // A retry that was delivered calls the next one of its order.
      return { ...round, more: round.more || page.length === EVENTS_AT_ONCE || due.length > 0 }
    },
  }
}

function byOrder<One extends { event: OrderEvent }>(page: readonly One[]): One[][] {
  const orders = new Map<string, One[]>()
  for (const one of page) {
    const ofOrder = orders.get(one.event.subject)
    if (ofOrder) ofOrder.push(one)
    else orders.set(one.event.subject, [one])
  }
  return [...orders.values()]
}

/** Works at the items, POSTS_AT_ONCE at the same time. @throws what the work throws first, once none is under way any more */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values()
  const hands = Array.from({ length: POSTS_AT_ONCE }, async () => {
    for (const item of left) await work(item)
  })
  const ends = await Promise.allSettled(hands)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
