import assert from 'node:assert/strict'
import { sharedSerializers } from '../../api/shared-serializers.ts'

const COMPONENTS = { Item: { $id: 'Item', type: 'object', properties: { id: { type: 'integer' } } } }
const ITEM = { $ref: 'Item#' }
const ITEMS = { type: 'array', items: ITEM }

describe("the serializers of an app's answers", () => {
  it('are one for each schema, whatever route and status they are for', () => {
    const build = sharedSerializers()
    const ofOneRoute = build(COMPONENTS, {})
    const item = ofOneRoute({ schema: ITEM, method: 'GET', url: '/items/:id', httpStatus: '200' })
    const items = ofOneRoute({ schema: ITEMS, method: 'GET', url: '/items', httpStatus: '200' })
    // Fastify builds for each route anew.
    assert.equal(build(COMPONENTS, {})({ schema: { ...ITEM }, method: 'PUT', url: '/items/:id', httpStatus: '201' }), item)
    assert.notEqual(items, item)
    assert.equal(item({ id: 1, secret: 2 }), '{"id":1}')
    assert.equal(items([{ id: 1, secret: 2 }]), '[{"id":1}]')
  })
})
