import { inFile } from '../mutation.ts'

const DELIVERY = 'test/activities/deliver-events.test.ts'
const FEED = 'test/store/event-feed.test.ts'
const VERBS = 'test/operators/events.test.ts'

/** Lines that keep events whole, in order, and safe from their receivers. */
export const EVENT_SAFEGUARDS = [
  ...inFile(
    'store/events/read-events.ts',
    [FEED],
    [
      {
        find: 'and xact < h.horizon',
        replace: '',
        breaks: 'a reader goes past the place of an event that is committed late, and never gets it',
      },
    ],
  ),
  ...inFile(
    'store/events/deliveries.ts',
    [DELIVERY],
    [
      {
        find: 'where (c.xact, c.id) = (',
        replace: 'where true or (c.xact, c.id) = (',
        breaks: 'a slow deliverer moves the cursor over what another one has not delivered, or back',
      },
      {
        find: 'exists (select from event_retries r where r.aggregateid = o.aggregateid and r.given_up_at is null) as held',
        replace: 'false as held',
        breaks: 'an event overtakes one of its order that waits to be tried again',
      },
      {
        find: 'where not due.behind`',
        replace: '`',
        breaks: 'an event is tried before one of its order that waits',
      },
      {
        find: 'with done as (delete from event_retries',
        replace: 'with done as (select from event_retries',
        breaks: 'an event that was delivered is sent for ever',
      },
    ],
  ),
  ...inFile(
    'store/events/remove-events.ts',
    [DELIVERY],
    [
      {
        find: 'and not exists (select from event_retries r where r.aggregateid = e.aggregateid and r.seq = e.seq)',
        replace: '',
        breaks: 'an event is removed that its webhook does not have',
      },
      {
        find: "(e.xact, e.id) <= (select c.xact, c.id from event_cursors c where c.name = 'webhook')",
        replace: 'true',
        breaks: 'an event is removed that no webhook was sent yet',
      },
      {
        find: 'and o.at < now() - ',
        replace: 'and o.at < now() + ',
        breaks: 'events are removed as soon as they are delivered, and readers of the feed miss them',
      },
    ],
  ),
  ...inFile(
    'store/events/drop-event.ts',
    [VERBS, DELIVERY],
    [
      {
        find: 'and last_error is not null',
        replace: '',
        breaks: 'an operator drops an event that was never tried',
      },
      {
        find: 'and exists (select from dropped)),',
        replace: 'and false),',
        breaks: 'the events behind one that was dropped wait for an hour',
      },
    ],
  ),
  ...inFile(
    'store/events/send-again.ts',
    [VERBS],
    [
      {
        find: "and (e.xact, e.id) <= (select c.xact, c.id from event_cursors c where c.name = 'webhook')",
        replace: '',
        breaks: 'an event is sent before those that come before it',
      },
    ],
  ),
  ...inFile(
    'activities/deliver-events.ts',
    [DELIVERY],
    [
      {
        find: 'isHeld ||= held',
        replace: '',
        breaks: 'an event is delivered before one of its order that waits to be tried again',
      },
      {
        find: 'left.push({ ...place, error })\n            isHeld = true',
        replace: 'left.push({ ...place, error })',
        breaks: 'an event is delivered before one of its order that has just failed',
      },
      {
        find: 'if (isHeld) left.push(place)',
        replace: 'if (isHeld) continue',
        breaks: 'an event behind one that failed is never delivered',
      },
    ],
  ),
  ...inFile(
    'clients/webhook-client.ts',
    [DELIVERY],
    [
      { find: "redirect: 'manual',", replace: '', breaks: 'an event goes to whatever address a receiver names' },
      { find: 'if (!answer.ok) {', replace: 'if (false) {', breaks: 'an event that was refused counts as delivered' },
      {
        find: 'if (bytes > MAX_ANSWER_BYTES) return',
        replace: '',
        breaks: 'an answer that never ends holds a delivery for ever',
      },
      {
        find: 'signal: AbortSignal.any([timeOut, signal]),',
        replace: 'signal,',
        breaks: 'a receiver that does not answer holds a delivery for ever',
      },
    ],
  ),
]
