import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { failure } from '../contracts/failures.ts'
import { logReadiness } from '../telemetry/log-readiness.ts'
import type { Admission } from './admission.ts'
import { HEALTH } from './components.ts'
import { sendRefusal } from './problems.ts'
import { json, problems } from './schemas.ts'

const tags = ['operations']
const plain = (description: string) => ({ description, content: { 'text/plain': { schema: { type: 'string' } } } })

export interface OperationsDeps {
  admission: Pick<Admission, 'missing'>
  registry: Registry
  /** The Temporal SDK's own metrics, if a worker runs in this process. */
  sdkMetrics?: () => Promise<string>
  /** True if the starter is about to leave: it still answers, but wants no more requests. */
  isDraining: () => boolean
}

/** `/healthz`, `/readyz`, `/metrics`. */
export function serveOperations(app: FastifyInstance, deps: OperationsDeps): void {
  const { admission, registry, sdkMetrics, isDraining } = deps
  const onReadiness = logReadiness(app.log)

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
    async handler(_, reply) {
      const missing = [...admission.missing, ...(isDraining() ? ['this starter: it is being stopped'] : [])]
      const text = missing.join(', ')
      onReadiness(text)
      if (missing.length === 0) return { status: 'ready' }
      sendRefusal(reply, failure('ServiceUnavailable', `missing: ${text}`, { missing }))
      return reply
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
