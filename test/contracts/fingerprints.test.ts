import assert from 'node:assert/strict'
import type { CreateOrderInput } from '../../contracts/create-order.ts'
import { parseOrderRequest } from '../../contracts/order-request.ts'
import { fingerprintOf } from '../../contracts/order-sn.ts'

const LEAST = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100' }
const LINES = [
  { goodsId: 1, num: 2 },
  { goodsId: 2, num: 2 },
]

/** Computed by the first release that wrote rows. None may ever be edited: a repeat of such a request would be refused. */
const RECORDED: [fingerprint: string, request: CreateOrderInput][] = [
  ['ed938c42a81d6fb95862d1a3be594a274355bb0a56d7246b677b2cf185d25b63', LEAST],
  ['ed938c42a81d6fb95862d1a3be594a274355bb0a56d7246b677b2cf185d25b63', { ...LEAST, requestId: 'mine' }],
  ['ed938c42a81d6fb95862d1a3be594a274355bb0a56d7246b677b2cf185d25b63', { ...LEAST, post: '' }],
  ['3f4de92ee5eac1842e68437eae514b0b426e829e30f14119b24ba018b8df4bba', { ...LEAST, post: 'ring twice' }],
  ['6a56dda6e811bb3bf3a854abb1034cfa14920c5c7bf61dd637a36b8a6124d65d', { ...LEAST, lines: LINES }],
  ['eb9fafab5c733c96331ae1de0115055f8942641d0ca1c74194f5944ed1cdc13d', { ...LEAST, post: 'ring twice', lines: LINES }],
  [
    '3378d13d7db14bdcca8f2aaf0236b87303d14c38741560740bc47d735d7ca0f0',
    {
      ...{ userId: 2_147_483_647, address: '港口路 1 号 "𝄞"\\', name: 'Ünal', mobile: '+86 10' },
      ...{ post: 'a\n\tb', requestId: 'k', lines: LINES },
    },
  ],
]

describe('the fingerprints that rows hold', () => {
  it('stay what they are, byte by byte', () => {
    for (const [fingerprint, request] of RECORDED) assert.equal(fingerprintOf(request), fingerprint, JSON.stringify(request))
  })

  it('stay apart by the total that the buyer agreed to, however its members stand; a request without one keeps its own', () => {
    const by = (asked: object) => fingerprintOf(parseOrderRequest({ ...LEAST, ...asked }, 'mine'))
    assert.equal(by({}), RECORDED[0]?.[0])
    assert.equal(by({ expectedTotal: null }), RECORDED[0]?.[0])
    const agreed = by({ expectedTotal: { amount: 5_400, currency: 'CNY' } })
    assert.equal(by({ expectedTotal: { currency: 'CNY', amount: 5_400 } }), agreed)
    const others = [
      { amount: 5_401, currency: 'CNY' },
      { amount: 5_400, currency: 'EUR' },
    ].map((expectedTotal) => by({ expectedTotal }))
    assert.equal(new Set([by({}), agreed, ...others]).size, 4)
  })
})
