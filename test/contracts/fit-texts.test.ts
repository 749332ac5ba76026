import assert from 'node:assert/strict'
import { defaultPayloadConverter } from '@temporalio/common'
import fc from 'fast-check'
import { encodedBytes } from '../../contracts/encoded-size.ts'
import { fitTexts } from '../../contracts/fit-texts.ts'

const item = fc.record({
  goodsId: fc.integer({ min: 1, max: 2_147_483_647 }),
  name: fc.string({ unit: 'binary', maxLength: 300 }),
  image: fc.oneof(fc.webUrl(), fc.constantFrom('', '\u0001'.repeat(500), 'x'.repeat(1_000))),
})

describe('texts that have to fit into a payload', () => {
  it('are as they were while they fit, and fit in any case: of what decides nothing only', () => {
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.2, max: 1.2, noNaN: true }),
        (items, share) => {
          const bare = encodedBytes(items.map((one) => ({ ...one, name: '', image: '' })))
          const maxBytes = Math.max(bare, Math.floor(encodedBytes(items) * share))
          const fitted = fitTexts(items, maxBytes)
          assert.ok(encodedBytes(fitted) <= maxBytes, `${encodedBytes(fitted)} of ${maxBytes}`)
          if (encodedBytes(items) <= maxBytes) assert.deepEqual(fitted, items)
          for (const [i, { goodsId, name, image }] of fitted.entries()) {
            assert.equal(goodsId, items[i]?.goodsId)
            assert.ok(items[i]?.name.startsWith(name))
            assert.ok(image === '' || image === items[i]?.image)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are measured as the SDK encodes them', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), (items) => {
        assert.equal(encodedBytes(items), defaultPayloadConverter.toPayload(items)?.data?.length)
      }),
    )
  })
})
