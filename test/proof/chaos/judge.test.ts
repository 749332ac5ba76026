import assert from 'node:assert/strict'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { RECIPIENT } from '../../e2e/shop.ts'
import type { Asked } from './asked.ts'
import type { Books, StoredRow } from './books.ts'
import { judgeAnswers, judgeBooks, type Violation } from './judge.ts'

const LINES = [{ goodsId: 7, num: 2 }]
const BEFORE = new Map([[7, 10]])
const CREATED = { requestId: 'one', userId: 1 }
const REFUSED = { requestId: 'two', userId: 2 }
const orderSn = orderSnOf(CREATED)

/** A day on which all is well: one order of two pieces stands, one was refused. */
function goodDay() {
  const row = (key: typeof CREATED): StoredRow => ({
    ...{ ...key, orderSn: orderSnOf(key) },
    ...{ status: 'PAYING', stockState: 'sold', refusalType: null, isConfirmed: true, lines: LINES },
    ...{ total: 200, closedFor: null, isDeleted: false, closedAtMs: null, dueAtMs: null },
  })
  const asked = (key: typeof CREATED, kind: Asked['kind']): Asked => ({
    ...{ orderSn: orderSnOf(key), kind, lines: LINES, sentAtMs: 0, toldOthers: [], told: [], moves: [] },
    request: { ...key, ...RECIPIENT, lines: LINES },
  })
  const price = { amount: 100, currency: 'CNY' }
  const order = {
    ...{ orderSn, status: 'PAYING' as const, total: { amount: 200, currency: 'CNY' }, payDeadline: '2026-01-01T00:00:00.000Z' },
    lines: LINES.map((line) => ({ ...line, name: 'Goods', image: '', price })),
  }
  const closed = { status: 'TRADE_CLOSED', stockState: 'returned', refusalType: 'InsufficientStock' } as const
  return {
    ...{ payments: [], histories: [] },
    stock: new Map([[7, 8]]),
    sold: new Map([[orderSn, LINES]]),
    orders: [row(CREATED), { ...row(REFUSED), ...closed, isConfirmed: false, lines: [] }] as [StoredRow, StoredRow],
    asked: [
      {
        ...asked(CREATED, 'good'),
        told: [
          { kind: 'pending', orderSn },
          { kind: 'created', order },
        ],
      },
      { ...asked(REFUSED, 'soldOut'), told: [{ kind: 'refused', failure: 'InsufficientStock' }] },
    ] as [Asked, Asked],
  }
}

type Day = ReturnType<typeof goodDay>

function judge(day: Day): Violation['promise'][] {
  const books: Books = day
  return [...new Set([...judgeBooks(books, BEFORE), ...judgeAnswers(day.asked, books)].map(({ promise }) => promise))].sort()
}

const DAMAGES: [what: string, damage: (day: Day) => void, broken: Violation['promise'][]][] = [
  ['a piece that leaked', (day) => day.stock.set(7, 7), ['stock equation']],
  ['a piece that was given back twice', (day) => day.stock.set(7, 9), ['stock equation']],
  ['a sale that the ledger does not know', (day) => day.sold.clear(), ['store and ledger agree']],
  ['other lines in the ledger', (day) => day.sold.set(orderSn, [{ goodsId: 7, num: 3 }]), ['store and ledger agree']],
  [
    'a refused order whose stock is taken',
    (day) => {
      day.sold.set(orderSnOf(REFUSED), LINES)
      day.stock.set(7, 6)
    },
    ['every answer is true', 'stock equation', 'store and ledger agree'],
  ],
  [
    'a paid order without its stock',
    (day) => {
      day.orders[0].status = 'TRADE_SUCCESS'
      day.sold.clear()
      day.stock.set(7, 10)
    },
    ['stock equation', 'store and ledger agree'],
  ],
  [
    'a cancelled order that has its stock still',
    (day) => Object.assign(day.orders[0], { status: 'TRADE_CLOSED', stockState: 'returned', closedFor: 'cancelled' }),
    ['stock equation', 'store and ledger agree'],
  ],
  ['an order that nobody asked for', (day) => day.asked.pop(), ['every order was asked for, once']],
  [
    'a key with two orders',
    (day) => day.orders.push({ ...day.orders[1], orderSn: 'A'.repeat(16) }),
    ['every order was asked for, once'],
  ],
  [
    'a created order that is lost',
    (day) => day.orders.shift(),
    ['every answer is true', 'stock equation', 'store and ledger agree'],
  ],
  [
    'a refusal for another reason than the store says',
    (day) => (day.orders[1].refusalType = 'OrderClosed'),
    ['every answer is true'],
  ],
  ['a refusal that an order of its kind cannot meet', (day) => (day.asked[1].kind = 'good'), ['every answer is true']],
  ['goods that are off sale in an order', (day) => (day.asked[0].kind = 'offSale'), ['every answer is true']],
  ['an order with other lines than were asked for', (day) => (day.asked[0].lines = []), ['every answer is true']],
  ['an answer that never came', (day) => day.asked[1].told.splice(0, 1, { kind: 'pending', orderSn }), ['every answer is true']],
  ['an internal error', (day) => day.asked[1].told.unshift({ kind: 'bad', what: 'InternalError' }), ['every answer is true']],
  [
    'two answers to one key',
    (day) => day.asked[0].told.push({ kind: 'refused', failure: 'OrderTimedOut' }),
    ['same key, same answer'],
  ],
  [
    'an order for another body under a key',
    (day) => day.asked[0].toldOthers.push(day.asked[0].told[1] as Asked['told'][number]),
    ['every answer is true'],
  ],
  [
    'an order whose answer has other lines than before',
    (day) => {
      const [, created] = day.asked[0].told
      if (created?.kind === 'created') day.asked[0].told.push({ ...created, order: { ...created.order, lines: [] } })
    },
    ['same key, same answer'],
  ],
  ['a row that is CREATING', (day) => (day.orders[1].status = 'CREATING'), ['everything comes to an end']],
  ['a Reback that is owed', (day) => (day.orders[1].stockState = 'returning'), ['everything comes to an end']],
]

describe('the judge of a chaos run', () => {
  it('finds nothing on a day on which all is well', () => {
    assert.deepEqual(judge(goodDay()), [])
  })

  for (const [what, damage, broken] of DAMAGES) {
    it(`finds ${what}`, () => {
      const day = goodDay()
      damage(day)
      for (const promise of broken) assert.ok(judge(day).includes(promise), `${promise}: not among ${judge(day)}`)
    })
  }
})
