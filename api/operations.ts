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

const NOT_READY = failure('ServiceUnavailable', 'orders can not be placed here now')

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
    config: { access: 'open' },
    schema: {
      operationId: 'isAlive',
      tags,
      summary: 'Whether this process runs; says nothing about what it depends on',
      response: { 200: json('It runs', HEALTH), ...problems() },
    },
    handler: async () => ({ status: 'ok' }),
  })

  app.route({
    method: 'GET',
    url: '/readyz',
    config: { access: 'open' },
    schema: {
      operationId: 'isReady',
      tags,
      summary: 'Whether orders can be placed here',
      response: { 200: json('They can', HEALTH), ...problems('ServiceUnavailable') },
    },
    async handler({ isInside }, reply) {
      const missing = [...admission.missing, ...(isDraining() ? ['this starter: it is being stopped'] : [])]
      const text = missing.join(', ')
      onReadiness(text)
      if (missing.length === 0) return { status: 'ready' }
      // What stands behind it is nothing that strangers need to know.
      const refused = isInside ? failure('ServiceUnavailable', `missing: ${text}`, { missing }) : NOT_READY
      sendRefusal(reply, refused)
      return reply
    },
  })

  app.route({
    method: 'GET',
    url: '/metrics',
    config: { access: 'inside' },
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
