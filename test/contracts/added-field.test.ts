import assert from 'node:assert/strict'
import { failureIn } from '../../contracts/application-failure.ts'
import { ORDER_REQUEST } from '../../contracts/create-order.ts'
import { parse } from '../../contracts/invalid-input.ts'
import { lineOfText } from '../../contracts/kinds.ts'
import { fingerprintBy, fingerprintOf } from '../../contracts/order-sn.ts'
import { body, optional, type TypeOf } from '../../contracts/schema.ts'

/** The request of a later release: one line more in its table. */
const LATER = body('LaterRequest', { ...ORDER_REQUEST.fields, giftNote: optional(lineOfText(8)) })

const REQUEST = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100' }

describe('a field that is added to the table of the order request', () => {
  const giftNote = 'SPRING'

  it('is in the type', () => {
    const later: TypeOf<typeof LATER> = { ...REQUEST, giftNote }
    // @ts-expect-error It is a text.
    const wrong: TypeOf<typeof LATER> = { ...REQUEST, giftNote: 8 }
    assert.notDeepEqual(later, wrong)
  })

  it('is checked, and handed on', () => {
    assert.deepEqual(parse(LATER, { ...REQUEST, giftNote }), { ...REQUEST, giftNote })
    for (const absent of [null, undefined]) assert.deepEqual(parse(LATER, { ...REQUEST, giftNote: absent }), REQUEST)
    assert.throws(
      () => parse(LATER, { ...REQUEST, giftNote: 'far too long' }),
      (error) => {
        assert.deepEqual(failureIn(error)?.details.fields, [
          { field: 'giftNote', problem: 'must be a text of 1 to 8 characters' },
        ])
        return true
      },
    )
  })

  it('is in the document, and not required', () => {
    const { properties, required } = LATER.definition as { properties: Record<string, object>; required: string[] }
    assert.deepEqual(properties.giftNote, { ...lineOfText(8).json, type: ['string', 'null'] })
    assert.deepEqual(required, (ORDER_REQUEST.definition as { required: string[] }).required)
  })

  it('takes part in the fingerprint, and leaves alone that of every request without it', () => {
    const by = (asked: object) => fingerprintBy(LATER.fields, { ...REQUEST, ...asked })
    for (const absent of [{}, { giftNote: null }, { giftNote: undefined }]) assert.equal(by(absent), fingerprintOf(REQUEST))
    assert.equal(by({ giftNote }), by({ requestId: 'mine', giftNote }))
    assert.equal(new Set([by({}), by({ giftNote }), by({ giftNote: 'WINTER' }), by({ giftNote: '' })]).size, 4)
    // Neither its place in the table counts, nor can one field stand for another.
    const { giftNote: first, ...others } = { ...LATER.fields, gift: optional(lineOfText(8)) }
    assert.equal(fingerprintBy({ giftNote: first, ...others }, { ...REQUEST, giftNote } as typeof REQUEST), by({ giftNote }))
    assert.notEqual(fingerprintBy(others, { ...REQUEST, gift: giftNote } as typeof REQUEST), by({ giftNote }))
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
