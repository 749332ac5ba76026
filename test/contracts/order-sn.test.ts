import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { InventoryClient } from '../../clients/inventory-client.ts'
import type { CreateOrderInput } from '../../contracts/create-order.ts'
import { isOrderSn, type OrderSn, parseOrderSn } from '../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { Sale } from '../../contracts/steps.ts'
import { trackedFiles } from '../support/tracked-files.ts'

const key = fc.record({
  userId: fc.integer({ min: 1, max: 2_147_483_647 }),
  requestId: fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 1 }),
})

describe('an order number', () => {
  it('is the first 80 bits of SHA-256 in base32, as anybody else would compute them', () => {
    fc.assert(
      fc.property(key, ({ userId, requestId }) => {
        const digest = createHash('sha256').update(`${userId}\n${requestId}`).digest('hex')
        const digits = BigInt(`0x${digest.slice(0, 20)}`)
          .toString(32)
          .padStart(16, '0')
        const expected = [...digits].map((digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(digit, 32)]).join('')
        assert.equal(orderSnOf({ userId, requestId }), expected)
      }),
    )
  })

  it('stays what it is for ever: it stands in stores, ledgers and histories', () => {
    assert.equal(orderSnOf({ userId: 7, requestId: 'mine' }), 'WRUZJQIU7OPJIDRS')
  })

  it('is told from any other text', () => {
    fc.assert(fc.property(key, (one) => assert.ok(isOrderSn(orderSnOf(one)))))
    for (const text of ['', 'A'.repeat(15), 'A'.repeat(17), 'a'.repeat(16), '1'.repeat(16), `${'A'.repeat(16)}\n`]) {
      assert.equal(isOrderSn(text), false, JSON.stringify(text))
    }
  })

  it('is what came in as one, or an error that names what came in instead', () => {
    assert.equal(parseOrderSn('WRUZJQIU7OPJIDRS'), 'WRUZJQIU7OPJIDRS')
    const shown: [value: unknown, shown: string][] = [
      ['', '""'],
      [undefined, 'undefined'],
      [7, '7'],
      ['B\n', '"B\\n"'],
      ['x'.repeat(99), `"${'x'.repeat(64)}"`],
    ]
    for (const [value, text] of shown) {
      assert.throws(() => parseOrderSn(value), new Error(`${text} is no order number, which is 16 of A-Z and 2-7`))
    }
  })

  it('is no plain text to the compiler, nor is it missing: npm run types fails if one of these lines is accepted', () => {
    const text: string = 'WRUZJQIU7OPJIDRS'
    const maybe: { orderSn?: OrderSn } = {}
    // @ts-expect-error a text that nobody has checked
    const number: OrderSn = text
    // @ts-expect-error the empty text
    const empty: OrderSn = ''
    // @ts-expect-error an order that is not open yet has no number
    const none: OrderSn = maybe.orderSn
    // @ts-expect-error a default stands in for a number
    const sale: Sale = { orderSn: maybe.orderSn ?? '', lines: [] }
    // @ts-expect-error a text that nobody has checked is sent
    const send = (inventory: InventoryClient) => inventory.sell(text, [])
    assert.deepEqual([number, empty, none, sale.orderSn, typeof send], [text, '', undefined, '', 'function'])
  })

  it('is made by the derivation and the parser alone: nothing that runs in production calls a text one', () => {
    const production = trackedFiles('*.ts').filter((file) => !/^(test|bench)\//.test(file))
    assert.deepEqual(
      production.filter((file) => /\bas (unknown as )?OrderSn\b/.test(readFileSync(file, 'utf8'))),
      [],
    )
  })

  it('differs for neighbouring requests', () => {
    const numbers = new Set<string>()
    for (let userId = 1; userId <= 100; userId++) {
      for (let request = 0; request < 100; request++) numbers.add(orderSnOf({ userId, requestId: `${request}` }))
    }
    assert.equal(numbers.size, 10_000)
  })

  it('never takes the end of a user id for the beginning of a request id', () => {
    const digits = fc.string({ unit: fc.constantFrom('1', '2', '3'), minLength: 3, maxLength: 9 })
    fc.assert(
      fc.property(digits, (text) => {
        const splits = Array.from({ length: text.length - 1 }, (_, i) => i + 1)
        const numbers = splits.map((at) => orderSnOf({ userId: Number(text.slice(0, at)), requestId: text.slice(at) }))
        assert.equal(new Set(numbers).size, splits.length)
      }),
    )
  })
})

describe('the fingerprint of a request', () => {
  const request: CreateOrderInput = {
    userId: 7,
    address: '1 Test Street',
    name: 'Somebody',
    mobile: '0100',
    post: 'ring twice',
    lines: [
      { goodsId: 1, num: 2 },
      { goodsId: 2, num: 2 },
    ],
  }

  it('is equal for equal requests, whatever they are called', () => {
    assert.equal(fingerprintOf({ ...request, requestId: 'a' }), fingerprintOf({ ...request, requestId: 'b' }))
    assert.match(fingerprintOf(request), /^[0-9a-f]{64}$/)
  })

  it('differs if anything is asked differently', () => {
    const { post, lines, ...rest } = request
    const others: CreateOrderInput[] = [
      { ...request, userId: 8 },
      { ...request, address: '2 Test Street' },
      { ...request, name: 'Nobody' },
      { ...request, mobile: '0101' },
      { ...request, post: 'ring once' },
      { ...rest, lines: request.lines ?? [] },
      { ...rest, post: request.post ?? '' },
      { ...request, lines: [{ goodsId: 1, num: 2 }] },
      { ...request, lines: [1, 3].map((goodsId) => ({ goodsId, num: 2 })) },
      { ...request, lines: [1, 2].map((goodsId) => ({ goodsId, num: 3 })) },
      { ...request, address: '1 Test StreetS', name: 'omebody' },
    ]
    assert.equal(new Set([request, ...others].map(fingerprintOf)).size, others.length + 1)
  })
})
