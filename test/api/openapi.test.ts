import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { Validator } from '@seriousme/openapi-schema-validator'
import { FAILURES } from '../../contracts/failures.ts'
import { VERBS } from '../../operators/verbs.ts'
import { type OpenApiDocument, validatorOf } from './as-documented.ts'
import { appOf } from './parts.ts'

describe('the OpenAPI document', () => {
  let app: Awaited<ReturnType<typeof appOf>>['app']
  let paths: OpenApiDocument['paths']
  let document: OpenApiDocument
  const operations = () =>
    Object.entries(paths).flatMap(([path, item]) => Object.values(item).map((operation) => ({ path, operation })))

  before(async () => {
    const operator = { verbs: Object.values(VERBS), perform: async () => ({ text: 'done', well: true }) }
    app = (await appOf({ operator })).app
    document = (await app.inject('/openapi.json')).json()
    paths = document.paths
  })

  it('is valid OpenAPI 3.1, every reference of which leads somewhere', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) })
    assert.ok(valid, JSON.stringify(errors))
    const { schemas } = document.components
    const named = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference)
    assert.deepEqual(new Set(named), new Set(Object.keys(schemas).map((name) => `#/components/schemas/${name}`)))
    assert.deepEqual(document.servers.length, 1)
  })

  it('names every object once: none stands inline, and no two names are one thing', () => {
    const { schemas } = document.components
    for (const expected of ['Order', 'Money', 'OrderLine', 'Line', 'CartItem', 'Problem']) assert.ok(schemas[expected], expected)
    assert.deepEqual(inlineObjects(paths), [])
    for (const [name, schema] of Object.entries(schemas)) assert.deepEqual(inlineObjects({ ...schema, type: '' }), [], name)
    const bare = Object.entries(schemas).map(([name, { examples: _, ...schema }]) => ({ name, schema }))
    for (const { name, schema } of bare) {
      assert.deepEqual(
        bare.filter((other) => isDeepStrictEqual(other.schema, schema)).map((other) => other.name),
        [name],
      )
    }
  })

  it('describes what each verb of operators finds, whatever it is', () => {
    for (const { name, path, data } of Object.values(VERBS)) {
      const operation = operations().find(({ operation }) => operation.operationId === name)?.operation
      const { $ref = '' } = operation?.responses['200']?.content?.['application/json']?.schema ?? {}
      const { properties } =
        (document.components.schemas[$ref.split('/').at(-1) ?? ''] as { properties?: { data?: object } }) ?? {}
      const expected = path === undefined || !data ? undefined : { $ref: `#/components/schemas/${data.name}` }
      assert.deepEqual(properties?.data, expected, name)
    }
    // A question that finds nothing for machines would be one that generated clients can't read.
    for (const { name, method, data } of Object.values(VERBS)) assert.ok(method === 'POST' || data, name)
  })

  it('closes no list of values that may grow', () => {
    assert.doesNotMatch(JSON.stringify(document), /"(enum|const)":/)
    for (const type of Object.keys(FAILURES)) assert.ok(JSON.stringify(document.components.schemas.Problem).includes(`"${type}"`))
  })

  it('gives examples that are right by its own schemas: of every body that is sent, every answer, every failure', () => {
    const validate = validatorOf(document)
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const example of schema.examples ?? []) validate(schema, example, name)
    }
    for (const { operation } of operations()) {
      for (const response of [operation.requestBody, ...Object.values(operation.responses)]) {
        for (const [type, { schema, examples = {} }] of Object.entries(response?.content ?? {})) {
          for (const [name, { value }] of Object.entries(examples)) validate(schema, value, name)
          if (type === 'application/problem+json') assert.ok(Object.keys(examples).length > 0, operation.operationId)
        }
      }
    }
    for (const name of ['OrderRequest', 'CreatedOrder', 'PendingOrder', 'Order', 'CartItem', 'CartItemRequest']) {
      assert.ok(document.components.schemas[name]?.examples?.length, name)
    }
  })

  it('leads on from an answer: from an order that is placed to looking at it', () => {
    const byName = new Map(operations().map(({ operation }) => [operation.operationId, operation]))
    const links = operations().flatMap(({ operation }) =>
      Object.entries(operation.responses).flatMap(([status, { links = {} }]) =>
        Object.values(links).map((link) => ({ from: `${operation.operationId} ${status}`, ...link })),
      ),
    )
    for (const { operationId, parameters = {}, from } of links) {
      const to = byName.get(operationId)
      assert.ok(to, `${from}: ${operationId}`)
      for (const name of Object.keys(parameters))
        assert.ok(
          to.parameters?.some((parameter) => parameter.name === name),
          from,
        )
    }
    const look = { operationId: 'getOrder', parameters: { orderSn: '$response.body#/orderSn' } }
    for (const status of ['201', '202']) assert.deepEqual(paths['/orders']?.post?.responses[status]?.links?.order, look)
  })

  it('says with every 503 that Retry-After comes with it', () => {
    const answers = operations().flatMap(({ operation }) => operation.responses['503'] ?? [])
    assert.ok(answers.length >= 6)
    for (const { headers } of answers) assert.ok(headers?.['Retry-After'])
  })

  it('is OpenAPI 3.1 and describes exactly the routes that are served', () => {
    assert.match(document.openapi, /^3\.1\./)
    assert.ok(document.info.title && document.info.version)
    const described = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`))
    const ofOperators = Object.values(VERBS).flatMap(({ method, path }) =>
      path === undefined ? [] : `${method.toLowerCase()} ${path.replace(':orderSn', '{orderSn}')}`,
    )
    const served = [
      'delete /orders/{orderSn}',
      'delete /users/{id}/cart/items/{goodsId}',
      'get /events',
      'get /healthz',
      'get /metrics',
      'get /orders',
      'get /orders/{orderSn}',
      'get /orders/{orderSn}/recipient',
      'get /readyz',
      'get /users/{id}/cart/items',
      'get /users/{id}/cart/items/{goodsId}',
      'patch /users/{id}/cart/items/{goodsId}',
      'post /orders',
      'post /orders/{orderSn}/cancel',
      'post /orders/{orderSn}/finish',
      'post /orders/{orderSn}/payments',
      'post /users/{id}/cart/items',
      'put /users/{id}/cart/items/{goodsId}',
    ]
    assert.deepEqual(described.sort(), [...served, ...ofOperators].sort())
  })

  it('gives every operation a name of its own, a summary, its path parameters, described responses', () => {
    const names = operations().map(({ operation }) => operation.operationId)
    assert.equal(new Set(names).size, names.length)
    for (const { path, operation } of operations()) {
      assert.ok(operation.summary && operation.tags.length > 0, path)
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path' && parameter.required)
      assert.deepEqual(inPath.map(({ name }) => `{${name}}`).sort(), (path.match(/\{\w+\}/g) ?? []).sort())
      for (const [status, response] of Object.entries(operation.responses)) {
        assert.match(status, /^[2-5]\d\d$/)
        assert.ok(response.description)
        if (status === '204') assert.deepEqual(response.content ?? {}, {})
        if (Number(status) >= 400) assert.deepEqual(Object.keys(response.content ?? {}), ['application/problem+json'])
      }
    }
  })

  it('says of every body whether it may be left out, which null is not', async () => {
    let optional = 0
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, { requestBody }] of Object.entries(item)) {
        if (!requestBody) continue
        const url = path.replace('{orderSn}', 'A'.repeat(16)).replace(/\{\w+\}/g, '1')
        const refusal = async (payload?: string) => {
          const answer = await app.inject({
            method: method.toUpperCase() as 'POST',
            url,
            ...(payload && { payload, headers: { 'content-type': 'application/json' } }),
          })
          return answer.statusCode === 400 ? answer.json().failure : undefined
        }
        assert.equal(await refusal(), requestBody.required ? 'InvalidInput' : undefined, `${method} ${path}, without a body`)
        assert.equal(await refusal('null'), 'InvalidInput', `${method} ${path}, null`)
        if (!requestBody.required) optional++
      }
    }
    assert.ok(optional > 3)
  })

  it('documents key, body and answers of POST /orders', () => {
    const operation = paths['/orders']?.post
    assert.ok(operation)
    assert.ok(operation.parameters?.some(({ name, in: where }) => name === 'Idempotency-Key' && where === 'header'))
    assert.ok(operation.requestBody?.content['application/json']?.schema)
    assert.deepEqual(Object.keys(operation.responses['201']?.headers ?? {}), ['Location', 'Idempotency-Key'])
    const raisedByOrders = Object.values(FAILURES).filter(({ raisedBy }) => !/cart item|GET|other method/.test(raisedBy))
    const missing = raisedByOrders.filter(({ http }) => !(http in operation.responses))
    assert.deepEqual(missing, [])
  })

  it('is shown as a page', async () => {
    const { app } = await appOf()
    const page = await app.inject('/docs')
    assert.equal(page.statusCode, 200)
    assert.match(page.body, /swagger-ui/)
    assert.match((await app.inject('/docs/static/swagger-initializer.js')).body, /docs\/json|url/)
  })
})

/** The object schemas below a value that are written out where they are used. */
function inlineObjects(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if ((value as { type?: unknown }).type === 'object') return [value]
  return Object.entries(value).flatMap(([name, below]) => (name === 'examples' ? [] : inlineObjects(below)))
}
