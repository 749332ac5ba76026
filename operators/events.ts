import { anyInteger, anyText, FLAG, INSTANT } from '../contracts/kinds.ts'
import { isOrderSn } from '../contracts/order.ts'
import { body, ifKnown, list, type TypeOf } from '../contracts/schema.ts'
import type { UndeliveredPlace, UndeliveredRow } from '../store/events/list-undelivered.ts'
import { cursor, MICROS, STORED_TEXT } from './cursor.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { type AskedPage, NEXT, nextOf, pageOf, pageText } from './page.ts'
import { Refused } from './refused.ts'
import { textTable } from './text-table.ts'

/** A place in the list of events. */
export const UNDELIVERED_CURSOR = cursor<UndeliveredPlace>(FLAG, MICROS, STORED_TEXT, anyInteger())

const UNDELIVERED_EVENT = body('UndeliveredEvent', {
  orderSn: anyText({ description: 'The number of the order.' }),
  seq: anyInteger({ description: 'Its place among the events of the order; ORDER/SEQ names it.' }),
  type: anyText(),
  attempts: anyInteger(),
  since: INSTANT,
  tryAt: ifKnown(
    anyText({
      format: 'date-time',
      description: 'When it is tried again; absent if it was given up, or stands behind another of its order.',
    }),
  ),
  givenUpAt: ifKnown(INSTANT),
  lastError: ifKnown(anyText()),
})

/** One page of the list. */
export const UNDELIVERED_EVENTS = body('UndeliveredEvents', {
  events: list(UNDELIVERED_EVENT, { description: 'Those that were given up, then those that wait, the longest first.' }),
  next: NEXT,
})
type ListedEvents = TypeOf<typeof UNDELIVERED_EVENTS>

/** Lists the events that the webhook does not have although it was tried: those that were given up, then those that wait. */
export async function listEvents({ events }: Pick<OperatorDeps, 'events'>, asked: AskedPage = {}): Promise<ListedEvents> {
  const page = await events.listUndelivered(pageOf(UNDELIVERED_CURSOR, asked))
  return { events: page.events, ...nextOf(page) }
}

export function eventsText({ events, next }: ListedEvents): string {
  if (events.length === 0) return 'no event was given up, and none waits to be delivered again'
  const table = textTable<UndeliveredRow>(
    [
      { head: 'event', of: ({ orderSn, seq }) => `${orderSn}/${seq}` },
      { head: 'type', of: ({ type }) => type },
      { head: 'since', of: ({ since }) => since },
      { head: 'attempts', right: true, of: ({ attempts }) => String(attempts) },
      { head: 'last error', of: ({ lastError }) => lastError ?? 'none' },
      {
        head: 'next',
        of: ({ orderSn, seq, givenUpAt, tryAt }) =>
          givenUpAt ? `given up: events --again ${orderSn}/${seq}` : tryAt ? `tried at ${tryAt}` : 'waits for the one before it',
      },
    ],
    events,
  )
  return pageText(table, next)
}

/**
 * Has events delivered again, by the next pass.
 * @param which `ORDER/SEQ`, or all that were given up
 * @throws Refused if there is no such event, or it was not tried yet
 */
export async function sendEventsAgain(
  { events }: Pick<OperatorDeps, 'events'>,
  which: string | 'given up',
  operator: Operator,
): Promise<string> {
  if (which === 'given up') {
    const sent = await events.sendAgain({ kind: 'givenUp' }, operator)
    return sent === 0 ? 'no event was given up' : `${sent} events are sent again, from the next pass on`
  }
  const event = eventOf(which)
  const sent = event ? await events.sendAgain({ kind: 'one', ...event }, operator) : 0
  if (sent === 0) {
    throw new Refused(
      `no event ${which} was tried: name it as ORDER/SEQ, as its id has it; events are removed after EVENTS_KEEP_MS, and one that was not tried yet is delivered in its turn`,
    )
  }
  return `event ${which} is sent again, by the next pass`
}

/**
 * Gives up for good to deliver an event that its receiver will never take; the next one of its order is delivered by the next pass.
 * @param which `ORDER/SEQ`
 * @throws Refused if no such event is listed with an error
 */
export async function dropEvent({ events }: Pick<OperatorDeps, 'events'>, which: string, operator: Operator): Promise<string> {
  const event = eventOf(which)
  const isDropped = event !== undefined && (await events.dropEvent(event, operator))
  if (!isDropped) {
    throw new Refused(`no event ${which} failed to be delivered: name one as ORDER/SEQ that events lists with a last error`)
  }
  return `event ${which} is dropped: the webhook never gets it, and the next one of its order is delivered by the next pass`
}

/** Reads `ORDER/SEQ`; `undefined` for any other text. */
function eventOf(text: string): { orderSn: string; seq: number } | undefined {
  const [orderSn = '', seq = ''] = text.split('/')
  return isOrderSn(orderSn) && /^[1-9]\d{0,8}$/.test(seq) ? { orderSn, seq: Number(seq) } : undefined
}
