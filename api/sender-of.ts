import type { FastifyRequest } from 'fastify'
import type { Sender } from '../limits/caller-limits.ts'

/** Paths at which balancers and Prometheus look. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics'])

/** All by which the limits know who sent a request. */
export function senderOf({ caller, headers, socket, routeOptions }: FastifyRequest): Sender {
  return {
    caller,
    peer: socket.remoteAddress ?? 'unknown',
    forwardedFor: [headers['x-forwarded-for'] ?? []].flat(),
    isProbe: PROBES.has(routeOptions.url ?? ''),
  }
}
