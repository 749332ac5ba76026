import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { FAILURES, type FailureRow } from '../contracts/failures.ts'

const DESCRIPTION = `Durable order creation: one request is one saga over the Goods, Inventory and User services.

**Who may call.** This starter binds to loopback unless HTTP_ADDR says otherwise, and believes the user id that it is sent:
the gateway in front of it has to know its callers.

**Refusals** are problem documents (RFC 9457); [/docs/problems](/docs/problems) lists them all.`

/** Collects the routes that are registered after it into the OpenAPI document at `/openapi.json`, and shows it at `/docs`. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'order-saga', version: '0.1.0', description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
      tags: [{ name: 'orders' }, { name: 'cart' }, { name: 'operations', description: 'For those who run it' }],
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  const page = problemPage()
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.get('/docs/problems', { schema: { hide: true } }, async (_, reply) => reply.type('text/html; charset=utf-8').send(page))
}

/** Where the `type` of every problem document points. */
function problemPage(): string {
  const rows = Object.entries<FailureRow>(FAILURES).map(
    ([type, row]) =>
      `<tr id="${type}"><td>${row.code}<td><code>${type}</code><td>${row.http}<td>${row.grpc}<td>${row.title}<td>${row.advice}`,
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>order-saga: refusals</title>
<style>body{font:16px/1.5 sans-serif;margin:2rem}td,th{padding:.3rem .8rem;text-align:left;vertical-align:top}:target{background:#ffd}</style>
<h1>Refusals</h1><table><tr><th>Code<th>Failure<th>HTTP<th>gRPC<th>What happened<th>What to do
${rows.join('\n')}
</table></html>
`
}
