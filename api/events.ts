import type { FastifyInstance } from 'fastify'
import { EVENT_PAGE } from '../contracts/event.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { integerInQuery } from '../contracts/kinds.ts'
import { optional, parameters, type Schema } from '../contracts/schema.ts'
import { BEGINNING, type EventPlace } from '../store/events/read-events.ts'
import type { EventFeed } from './event-feed.ts'
import { readQuery } from './query.ts'
import { json, problems } from './schemas.ts'
import { stored } from './stored.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const MAX_WAIT_S = 60

/** A place as a reader has it. It is no number to reckon with: base64. */
const CURSOR: Schema<EventPlace> = {
  json: {
    type: 'string',
    description: 'Value of next of the page before; without it the feed is read from the oldest event on.',
  },
  read(value, path, found) {
    const [, xact, id] = /^(-?\d{1,16})\.(\d{1,16})$/.exec(Buffer.from(String(value), 'base64url').toString()) ?? []
    const place = { xact: Number(xact), id: Number(id) }
    if (!Number.isSafeInteger(place.xact) || !Number.isSafeInteger(place.id) || cursorOf(place) !== value) {
      found.add(path, 'must be what next says on a page before')
    }
    return place
  },
}

const QUERY = parameters({
  after: optional(CURSOR),
  limit: optional(integerInQuery(1, MAX_LIMIT), { default: DEFAULT_LIMIT }),
  wait: optional(integerInQuery(0, MAX_WAIT_S), {
    default: 0,
    description: 'Seconds that the request may wait for an event if there is none yet.',
  }),
})

/**
 * `GET /events`: the feed of events.
 * @param stillMs time for which a connection may stand still beside such a wait, in milliseconds
 */
export function serveEvents(app: FastifyInstance, feed: Pick<EventFeed, 'read'>, stillMs: number): void {
  app.route({
    method: 'GET',
    url: '/events',
    config: { access: 'orders:any' },
    schema: {
      operationId: 'listEvents',
      tags: ['events'],
      summary: 'Read what happened to orders, page by page, and wait for more',
      description:
        'Send next of one page as after: no event is skipped, and those of one order come in their order. An event may come twice; its id says so. ' +
        'Events are kept for some days (EVENTS_KEEP_MS).',
      querystring: QUERY.json,
      response: { 200: json('One page', EVENT_PAGE), ...problems('InvalidInput', 'ServiceUnavailable') },
    },
    async handler({ query, raw }, reply) {
      const { after = BEGINNING, limit = DEFAULT_LIMIT, wait = 0 } = readQuery(QUERY, query)
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      // For this request alone: Node sets the connection's own time anew with the next one. An injected request has no connection.
      raw.socket.setTimeout?.(wait * 1_000 + stillMs)
      const { events, horizon } = await stored(() => feed.read(after, limit, { waitMs: wait * 1_000, signal: gone.signal }))
      if (after.xact >= horizon) {
        throw invalidInput([{ field: 'after', problem: 'is a place that this database has not come to: begin without it' }])
      }
      return { events: events.map(({ event }) => event), next: cursorOf(events.at(-1)?.place ?? after) }
    },
  })
}

function cursorOf({ xact, id }: EventPlace): string {
  return Buffer.from(`${xact}.${id}`).toString('base64url')
}
