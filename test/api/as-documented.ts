import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'

interface MediaType {
  schema: { $ref?: string }
  examples?: Record<string, { value: unknown }>
}

export interface Operation {
  operationId: string
  summary: string
  tags: string[]
  parameters?: { name: string; in: string; required?: boolean; schema: object }[]
  requestBody?: { required: boolean; content: Record<string, MediaType> }
  responses: Record<
    string,
    {
      description: string
      content?: Record<string, MediaType>
      headers?: Record<string, object>
      links?: Record<string, { operationId: string; parameters?: Record<string, string> }>
    }
  >
}

export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string }
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, { examples?: unknown[] }> }
}

type Validate = (schema: object, value: unknown, what: string) => void

/** Validator of the latest document: apps that are alike share it. */
let latest: { text: string; validate: Validate } | undefined

/** Validates values against the schemas of a document. */
export function validatorOf(document: OpenApiDocument): Validate {
  const text = JSON.stringify(document)
  if (latest?.text !== text) latest = { text, validate: validatorOfNew(document) }
  return latest.validate
}

function validatorOfNew(document: OpenApiDocument): Validate {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema({ ...document, $id: 'openapi' })
  return (schema, value, what) => {
    const within = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as object
    assert.ok(ajv.validate(within, value), `${what}: ${ajv.errorsText()}: ${JSON.stringify(value)}`)
  }
}

/**
 * Makes an app hold itself to its document: whatever is injected from now on, an answer of a status, media type or shape that is not
 * documented for its route fails the test.
 */
export function holdToDocument(app: FastifyInstance): void {
  const document = JSON.parse(JSON.stringify(app.swagger())) as OpenApiDocument
  const validate = validatorOf(document)
  const paths = Object.entries(document.paths).map(([path, item]) => ({ path: patternOf(path), item }))
  const inject = app.inject.bind(app) as (asked: unknown) => Promise<LightMyRequestResponse>
  const held = async (asked: string | { method?: string; url: string }) => {
    const answer = await inject(asked)
    const { method = 'GET', url } = typeof asked === 'string' ? { url: asked } : asked
    const operation = paths.find(({ path }) => path.test(url.split('?', 1)[0] ?? ''))?.item[method.toLowerCase()]
    if (operation && isReadable(url)) assertDocumented(operation, answer, validate)
    return answer
  }
  app.inject = held as typeof app.inject
}

function assertDocumented(operation: Operation, answer: LightMyRequestResponse, validate: Validate): void {
  const what = `${operation.operationId} ${answer.statusCode}`
  const response = operation.responses[answer.statusCode]
  assert.ok(response, `${what} is not documented: ${answer.body}`)
  for (const header of ['location', 'retry-after', 'allow']) {
    const documented = Object.keys(response.headers ?? {}).map((name) => name.toLowerCase())
    assert.ok(
      answer.headers[header] === undefined || documented.includes(header),
      `${what}: the header ${header} is not documented`,
    )
  }
  if (!response.content) {
    assert.equal(answer.body, '', what)
    return
  }
  const type = String(answer.headers['content-type']).split(';', 1)[0] ?? ''
  const media = response.content[type]
  assert.ok(media, `${what}: ${type} is not documented`)
  validate(media.schema, type.endsWith('json') ? answer.json() : answer.body, what)
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}

/** Returns false if the URL can't be decoded: such a request reaches no route. */
function isReadable(url: string): boolean {
  try {
    decodeURI(url)
    return true
  } catch {
    return false
  }
}
