import { Counter, type Registry } from 'prom-client'

/**
 * `too_many_connections`: a connection above the limit, closed unheard; `too_many_of_address`: one above the limit of its address,
 * likewise; `too_many_bodies`: a request whose body found no room, answered 503; `late_request`: one that did not arrive in time, answered
 * 503; `answer_not_taken`: a connection that stood still, closed.
 */
const REASONS = ['too_many_connections', 'too_many_of_address', 'too_many_bodies', 'late_request', 'answer_not_taken'] as const

/** @returns counts one caller that was turned away before its request reached a route */
export function countTurnedAway(registry: Registry): (reason: (typeof REASONS)[number]) => void {
  const turnedAway = new Counter({
    name: 'http_turned_away_total',
    help: 'Connections and requests that were refused, or cut off, before a route saw them, by the bound that they met',
    labelNames: ['reason'],
    registers: [registry],
  })
  for (const reason of REASONS) turnedAway.inc({ reason }, 0)
  return (reason) => turnedAway.inc({ reason })
}
