import assert from 'node:assert/strict'
import { refusalIn } from '../../contracts/application-failure.ts'
import { ORDER_REQUEST } from '../../contracts/create-order.ts'
import { parse } from '../../contracts/invalid-input.ts'
import { lineOfText } from '../../contracts/kinds.ts'
import { fingerprintBy, fingerprintOf } from '../../contracts/order-sn.ts'
import { body, optional, type TypeOf } from '../../contracts/schema.ts'

/** The request of a later release: one line more in its table. */
const LATER = body('LaterRequest', { ...ORDER_REQUEST.fields, coupon: optional(lineOfText(8)) })

const REQUEST = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100' }

describe('a field that is added to the table of the order request', () => {
  const coupon = 'SPRING'

  it('is in the type', () => {
    const later: TypeOf<typeof LATER> = { ...REQUEST, coupon }
    // @ts-expect-error It is a text.
    const wrong: TypeOf<typeof LATER> = { ...REQUEST, coupon: 8 }
    assert.notDeepEqual(later, wrong)
  })

  it('is checked, and handed on', () => {
    assert.deepEqual(parse(LATER, { ...REQUEST, coupon }), { ...REQUEST, coupon })
    for (const absent of [null, undefined]) assert.deepEqual(parse(LATER, { ...REQUEST, coupon: absent }), REQUEST)
    assert.throws(
      () => parse(LATER, { ...REQUEST, coupon: 'far too long' }),
      (error) => {
        assert.deepEqual(refusalIn(error)?.details.fields, [{ field: 'coupon', problem: 'must be a text of 1 to 8 characters' }])
        return true
      },
    )
  })

  it('is in the document, and not required', () => {
    const { properties, required } = LATER.definition as { properties: Record<string, object>; required: string[] }
    assert.deepEqual(properties.coupon, { ...lineOfText(8).json, type: ['string', 'null'] })
    assert.deepEqual(required, (ORDER_REQUEST.definition as { required: string[] }).required)
  })

  it('takes part in the fingerprint, and leaves alone that of every request without it', () => {
    const by = (asked: object) => fingerprintBy(LATER.fields, { ...REQUEST, ...asked })
    for (const absent of [{}, { coupon: null }, { coupon: undefined }]) assert.equal(by(absent), fingerprintOf(REQUEST))
    assert.equal(by({ coupon }), by({ requestId: 'mine', coupon }))
    assert.equal(new Set([by({}), by({ coupon }), by({ coupon: 'WINTER' }), by({ coupon: '' })]).size, 4)
    // Neither its place in the table counts, nor can one field stand for another.
    const { coupon: first, ...others } = { ...LATER.fields, gift: optional(lineOfText(8)) }
    assert.equal(fingerprintBy({ coupon: first, ...others }, { ...REQUEST, coupon } as typeof REQUEST), by({ coupon }))
    assert.notEqual(fingerprintBy(others, { ...REQUEST, gift: coupon } as typeof REQUEST), by({ coupon }))
  })
})

describe('the fingerprint of an order request', () => {
  it('is made of every field of its table but the one that names it', () => {
    const before = fingerprintOf(REQUEST)
    for (const name of Object.keys(ORDER_REQUEST.fields)) {
      const after = fingerprintOf({ ...REQUEST, [name]: 'something else' } as typeof REQUEST)
      assert.equal(after === before, name === 'requestId', name)
    }
  })
})
