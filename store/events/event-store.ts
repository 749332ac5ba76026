import { bound } from '../bound.ts'
import type { Database } from '../database.ts'
import { dueRetries, passEvents, retryDelivered, retryFailed, undeliveredEvents } from './deliveries.ts'
import { dropEvent } from './drop-event.ts'
import { eventLag } from './event-lag.ts'
import { listUndelivered } from './list-undelivered.ts'
import { newestPlace, readEvents } from './read-events.ts'
import { removeEvents } from './remove-events.ts'
import { sendAgain } from './send-again.ts'

/** All that the store does with events; a new function of it is one entry here. */
const FUNCTIONS = {
  readEvents,
  newestPlace,
  undeliveredEvents,
  passEvents,
  dueRetries,
  retryDelivered,
  retryFailed,
  dropEvent,
  removeEvents,
  eventLag,
  listUndelivered,
  sendAgain,
}

/** The events of orders: the feed, and what its deliverer knows. */
export function eventStore(db: Database) {
  return bound(db, FUNCTIONS)
}
export type EventStore = ReturnType<typeof eventStore>
