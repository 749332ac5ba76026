import assert from 'node:assert/strict'
import { type FingerprintKey, Fingerprints, MissingFingerprintKey } from '../../contracts/fingerprints.ts'
import { parseOrderRequest } from '../../contracts/order-request.ts'
import { fingerprintOf } from '../../contracts/order-sn.ts'

const REQUEST = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100' }
const PLAIN = fingerprintOf(REQUEST)
const K1: FingerprintKey = { id: 'k1', secret: Buffer.alloc(32, 1) }
const K2: FingerprintKey = { id: 'k2', secret: Buffer.alloc(32, 2) }

describe('the fingerprint in the input of a run', () => {
  it('holds nothing of the plain one, and is the same text for the same request alone', () => {
    const text = by(K1).encrypted(PLAIN)
    assert.match(text, /^encrypted\.k1\.[\w-]+$/)
    assert.ok(!Buffer.from(text.split('.')[2] ?? '', 'base64url').includes(PLAIN.slice(0, 8)))
    assert.equal(by(K1).encrypted(PLAIN), text)
    assert.notEqual(by(K1).encrypted(fingerprintOf({ ...REQUEST, mobile: '0101' })), text)
    assert.notEqual(by(K2).encrypted(PLAIN).split('.')[2], text.split('.')[2])
  })

  it('stands for the same values of rows as the plain one, by whichever key of the file it was encrypted', () => {
    const keys = by(K2, K1)
    for (const key of [K1, K2]) assert.deepEqual(keys.valuesOf(by(key).encrypted(PLAIN)), keys.valuesOf(PLAIN))
  })

  it('is plain as long as the first key is none', () => {
    assert.equal(by().encrypted(PLAIN), PLAIN)
    assert.equal(by({ id: 'before' }, K1).encrypted(PLAIN), PLAIN)
  })

  it('waits for its key: without, with another of this id, and if it was altered', () => {
    const text = by(K1).encrypted(PLAIN)
    const altered = `${text.slice(0, -4)}${text.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
    for (const [keys, given] of [
      [[], text],
      [[K2], text],
      [[{ id: 'k1' }], text],
      [[{ id: 'k1', secret: K2.secret as Buffer }], text],
      [[K1], altered],
      [[K1], 'encrypted.k1.'],
    ] as [FingerprintKey[], string][]) {
      const missing: string[] = []
      const fingerprints = new Fingerprints(
        () => keys,
        (id) => missing.push(id),
      )
      assert.throws(() => fingerprints.valuesOf(given), MissingFingerprintKey)
      assert.throws(() => fingerprints.isOf(PLAIN, given), MissingFingerprintKey)
      assert.deepEqual(new Set(missing), new Set(['k1']))
    }
  })

  it('fits an input under a key with the longest id', () => {
    const text = by({ ...K1, id: 'i'.repeat(64) }).encrypted(PLAIN)
    const sealed = `s1.${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.${Buffer.alloc(60).toString('base64url')}`
    const input = { userId: 7, requestId: 'key-1', sealed, fingerprints: [text] }
    assert.deepEqual(parseOrderRequest(input, ''), input)
  })
})

function by(...keys: FingerprintKey[]): Fingerprints {
  return new Fingerprints(() => keys)
}
