import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { FailureRow } from '../contracts/failure-row.ts'
import { FAILURES } from '../contracts/failures.ts'
import type { AskedFor } from '../identity/authenticate.ts'
import { COMPONENTS } from './components.ts'

const DESCRIPTION = `Durable orders: the creation of an order is one saga over the Goods, Inventory and User services. Then it is paid and finished, or
cancelled, or closed at its deadline.

**Pages.** A list has the member next as long as there is more: send its value as the parameter after.

**Who may call.** Under AUTH=jwt a customer sends a token of the issuer, and reaches what is their own: an order of somebody else is not
found. A service reaches what is everybody's with the scope orders:any. Under AUTH=mtls a service is known by the certificate of its connection,
and reaches what is everybody's. Under AUTH=off, which only a loopback address takes, and AUTH=gateway the user id that is sent is believed.

**Refusals** are problem documents (RFC 9457); [/docs/problems](/docs/problems) lists them all.`

/** Security schemes of the document, by what callers are known by. */
const SCHEMES = {
  nothing: {},
  token: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of the issuer (AUTH_ISSUER).' } },
  certificate: {
    certificate: {
      type: 'mutualTLS',
      description: 'A certificate of an authority that is trusted, with one of AUTH_MTLS_NAMES.',
    },
  },
} as const satisfies Record<AskedFor, object>

/**
 * Collects the routes that are registered after it into the OpenAPI document at `/openapi.json`, and shows it at `/docs`.
 * @param asked what callers are known by
 */
export async function serveDocs(app: FastifyInstance, asked: AskedFor): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'order-saga', version: '0.1.0', description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
      // The plugin's types know no certificates.
      components: { securitySchemes: SCHEMES[asked] as Record<string, never> },
      servers: [{ url: '/', description: 'The starter that serves this document' }],
      tags: [
        { name: 'orders' },
        { name: 'cart' },
        { name: 'events' },
        { name: 'operators', description: 'For those who look after orders (scope orders:operate)' },
        { name: 'operations', description: 'For those who run it' },
      ],
    },
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, i) => String($id ?? `schema${i}`) },
    transformObject: (document) => completed('openapiObject' in document ? document.openapiObject : {}),
  })
  for (const { name, definition } of COMPONENTS) app.addSchema({ $id: name, ...definition })
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'inside' }
    })
    await scope.register(swaggerUi, { routePrefix: '/docs' })
  })
  const page = problemPage()
  const hidden = { config: { access: 'inside' as const }, schema: { hide: true } }
  app.get('/openapi.json', hidden, async () => app.swagger())
  app.get('/docs/problems', hidden, async (_, reply) => reply.type('text/html; charset=utf-8').send(page))
}

/** Operations to call next, by operation and status; the plugin knows no links. */
const LINKS: Record<string, Record<string, object>> = {
  createOrder: {
    order: { operationId: 'getOrder', parameters: { orderSn: '$response.body#/orderSn' } },
    pay: { operationId: 'reportPayment', parameters: { orderSn: '$response.body#/orderSn' } },
    cancel: { operationId: 'cancelOrder', parameters: { orderSn: '$response.body#/orderSn' } },
  },
  reportPayment: { finish: { operationId: 'finishOrder', parameters: { orderSn: '$request.path.orderSn' } } },
  listCartItems: {
    put: { operationId: 'putCartItem', parameters: { id: '$request.path.id' } },
    order: { operationId: 'createOrder', description: 'Orders the checked items, without lines.' },
  },
  putCartItem: {
    look: { operationId: 'getCartItem', parameters: { id: '$request.path.id', goodsId: '$request.path.goodsId' } },
    remove: { operationId: 'deleteCartItem', parameters: { id: '$request.path.id', goodsId: '$request.path.goodsId' } },
  },
}

interface Operation {
  operationId: string
  requestBody?: { required?: boolean; content: Record<string, { schema?: { $ref?: string } }> }
  responses: Record<string, { links?: object }>
}

interface Documented {
  paths?: object
  components?: { schemas?: object }
}

/** The document with links in the answers that are no refusals, and with bodies that may be left out if all their fields may. */
function completed<Document extends Documented>(document: Document): Document {
  const schemas = (document.components?.schemas ?? {}) as Record<string, { required?: readonly string[]; minProperties?: number }>
  const operations = Object.values(document.paths ?? {}).flatMap((item: Record<string, Operation>) => Object.values(item))
  for (const { operationId, requestBody, responses } of operations) {
    const links = LINKS[operationId]
    for (const [status, response] of Object.entries(responses)) if (links && Number(status) < 300) response.links = links
    const name = requestBody?.content['application/json']?.schema?.$ref?.split('/').at(-1)
    if (requestBody && name) requestBody.required = Boolean(schemas[name]?.required?.length || schemas[name]?.minProperties)
  }
  return document
}

/** Page to which the `type` of every problem document points. */
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
