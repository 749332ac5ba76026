import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { failureOf } from '../contracts/application-failure.ts'
import { refusal } from '../contracts/failures.ts'
import type { Admission } from './admission.ts'
import { HEALTH } from './components.ts'
import { json, problems } from './schemas.ts'

const tags = ['operations']
const plain = (description: string) => ({ description, content: { 'text/plain': { schema: { type: 'string' } } } })

export interface OperationsParts {
  admission: Pick<Admission, 'missing'>
  registry: Registry
  /** The Temporal SDK's own metrics, where a worker runs in this process. */
  sdkMetrics?: () => Promise<string>
  /** True if the starter is about to leave: it still answers, but wants no more requests. */
  isDraining: () => boolean
}

/** `/healthz`, `/readyz`, `/metrics`. */
export function serveOperations(app: FastifyInstance, parts: OperationsParts): void {
  const { admission, registry, sdkMetrics, isDraining } = parts

  app.route({
    method: 'GET',
    url: '/healthz',
    schema: {
      operationId: 'isAlive',
      tags,
      summary: 'Whether this process runs; says nothing about what it depends on',
      response: { 200: json('It runs', HEALTH) },
    },
    handler: async () => ({ status: 'ok' }),
  })

  app.route({
    method: 'GET',
    url: '/readyz',
    schema: {
      operationId: 'isReady',
      tags,
      summary: 'Whether orders can be placed here',
      response: { 200: json('They can', HEALTH), ...problems('ServiceUnavailable') },
    },
    async handler() {
      const missing = [...admission.missing, ...(isDraining() ? ['this starter: it is being stopped'] : [])]
      if (missing.length > 0) throw failureOf(refusal('ServiceUnavailable', `missing: ${missing.join(', ')}`, { missing }))
      return { status: 'ready' }
    },
  })

  app.route({
    method: 'GET',
    url: '/metrics',
    schema: {
      operationId: 'metrics',
      tags,
      summary: 'Metrics for Prometheus',
      response: { 200: plain('The metrics'), ...problems() },
    },
    async handler(_, reply) {
      const pages = await Promise.all([registry.metrics(), sdkMetrics?.() ?? ''])
      return reply.type(registry.contentType).send(pages.join(''))
    },
  })
}
