import assert from 'node:assert/strict'
import { FAILURES } from '../../contracts/failures.ts'
import { appOf } from './parts.ts'

interface Operation {
  operationId: string
  summary: string
  tags: string[]
  parameters?: { name: string; in: string; required?: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: object }>; headers?: object }>
}

describe('the OpenAPI document', () => {
  let paths: Record<string, Record<string, Operation>>
  let document: { openapi: string; info: { title: string; version: string }; paths: typeof paths }
  const operations = () =>
    Object.entries(paths).flatMap(([path, item]) => Object.values(item).map((operation) => ({ path, operation })))

  before(async () => {
    const { app } = await appOf()
    document = (await app.inject('/openapi.json')).json()
    paths = document.paths
  })

  it('is OpenAPI 3.1 and describes exactly the routes that are served', () => {
    assert.match(document.openapi, /^3\.1\./)
    assert.ok(document.info.title && document.info.version)
    const described = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`))
    assert.deepEqual(described.sort(), [
      'delete /users/{id}/cart/items/{goodsId}',
      'get /healthz',
      'get /metrics',
      'get /orders/{orderSn}',
      'get /readyz',
      'get /users/{id}/cart/items',
      'get /users/{id}/cart/items/{goodsId}',
      'post /orders',
      'put /users/{id}/cart/items/{goodsId}',
    ])
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
