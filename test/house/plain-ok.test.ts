import assert from 'node:assert/strict'

describe('a test that fails by assert.ok', () => {
  it('says so at once, without a look at the source for the expression', () => {
    assert.throws(() => assert.ok(1 > 2), { message: 'it does not hold', generatedMessage: false })
    assert.throws(() => assert.ok(1 > 2, 'of its own'), { message: 'of its own' })
    assert.ok(2 > 1)
  })
})
