import assert from 'node:assert/strict'
import fc from 'fast-check'
import pg from 'pg'
import { SaleState } from '../../proto/generated/inventory.ts'
import { testDatabase } from '../support/postgres.ts'
import { errorInfoIn, refusalOf } from './grpc-call.ts'
import { InventoryClient, type Lines } from './inventory-client.ts'

const { SALE_STATE_NONE, SALE_STATE_SOLD, SALE_STATE_RETURNED } = SaleState

describe("the participants' barrier of the inventory", () => {
  let inventory: InventoryClient
  let database: string
  let orders = 0
  const newOrder = () => `ORDER${++orders}`

  before(async () => {
    database = await testDatabase()
    inventory = await InventoryClient.start(database)
  })
  after(() => inventory.stop())

  for (const steps of arrangements(['sell', 'sell', 'reback', 'reback', 'sell'])) {
    it(`keeps stock and ledger together through ${steps.join(', ')}`, async () => {
      const orderSn = newOrder()
      const initial = await inventory.stock(1)
      let state: SaleState = SALE_STATE_NONE
      for (const step of steps) {
        if (step === 'sell' && state === SALE_STATE_RETURNED) {
          assert.equal(errorInfoIn(await refusalOf(inventory.sell(orderSn, [[1, 3]])))?.reason, 'SALE_RETURNED')
        } else if (step === 'sell') {
          await inventory.sell(orderSn, [[1, 3]])
          state = SALE_STATE_SOLD
        } else {
          await inventory.reback(orderSn, [[1, 3]])
          state = SALE_STATE_RETURNED
        }
        assert.equal((await inventory.sale(orderSn)).state, state)
        assert.equal(await inventory.stock(1), state === SALE_STATE_SOLD ? initial - 3 : initial)
      }
    })
  }

  it('sells once, however many equal Sells come at once', async () => {
    const orderSn = newOrder()
    const initial = await inventory.stock(2)
    await Promise.all(Array.from({ length: 50 }, () => inventory.sell(orderSn, [[2, 4]])))
    assert.equal(await inventory.stock(2), initial - 4)
  })

  it('changes a goods once for all who buy it at the same time, and keeps the ledger row of each', async () => {
    await inventory.setStock(1_101, 1_000)
    const db = new pg.Client({ connectionString: database })
    await db.connect()
    const changesOf = async () => {
      const text = "SELECT pg_stat_get_xact_tuples_updated('inventory.stocks'::regclass)::integer AS changes"
      return (await db.query<{ changes: number }>(text)).rows[0]?.changes ?? 0
    }
    const apply = async (sns: string[]) => {
      const each = (value: unknown) => sns.map(() => value)
      const ordinals = sns.map((_, i) => i + 1)
      await db.query('BEGIN')
      try {
        const before = await changesOf()
        const values = ['0', each(false), sns, ordinals, ordinals, each(1_101), each(2)]
        const { rows } = await db.query('SELECT * FROM inventory.apply($1, $2, $3, $4, $5, $6, $7)', values)
        return { refusals: rows.length, changes: (await changesOf()) - before }
      } finally {
        await db.query('COMMIT')
      }
    }
    try {
      const sns = Array.from({ length: 100 }, newOrder)
      assert.deepEqual(await apply(sns), { refusals: 0, changes: 1 })
      assert.equal(await inventory.stock(1_101), 800)
      for (const sn of sns.slice(-2)) assert.deepEqual((await inventory.sale(sn)).goodsInvInfo, [{ goodsId: 1_101, num: 2 }])
      // One of them was sold before: it is sold once all the same.
      assert.deepEqual(await apply([sns[0] as string, newOrder()]), { refusals: 0, changes: 1 })
      assert.equal(await inventory.stock(1_101), 798)
    } finally {
      await db.end()
    }
  })

  it('answers every one of equal Sells alike when the stock is enough for one only', async () => {
    const orderSn = newOrder()
    await inventory.setStock(1_100, 5)
    await Promise.all(Array.from({ length: 20 }, () => inventory.sell(orderSn, [[1_100, 5]])))
    assert.equal(await inventory.stock(1_100), 0)
  })

  it('gives back once, however many equal Rebacks come at once', async () => {
    const orderSn = newOrder()
    const initial = await inventory.stock(2)
    await inventory.sell(orderSn, [[2, 4]])
    await Promise.all(Array.from({ length: 50 }, () => inventory.reback(orderSn)))
    assert.equal(await inventory.stock(2), initial)
  })

  it('gives back what the ledger holds when Reback names no lines', async () => {
    const orderSn = newOrder()
    const initial = [await inventory.stock(3), await inventory.stock(4)]
    await inventory.sell(orderSn, [
      [4, 2],
      [3, 1],
      [4, 5],
    ])
    assert.deepEqual((await inventory.sale(orderSn)).goodsInvInfo, [
      { goodsId: 3, num: 1 },
      { goodsId: 4, num: 7 },
    ])
    await inventory.reback(orderSn)
    assert.deepEqual([await inventory.stock(3), await inventory.stock(4)], initial)
    assert.equal((await inventory.sale(orderSn)).goodsInvInfo.length, 2)
  })

  it('leaves a tombstone without lines when there was nothing to give back', async () => {
    const orderSn = newOrder()
    const initial = await inventory.stock(5)
    await inventory.reback(orderSn, [[5, 2]])
    assert.deepEqual(await inventory.sale(orderSn), { orderSn, state: SALE_STATE_RETURNED, goodsInvInfo: [] })
    assert.equal(await inventory.stock(5), initial)
  })

  it('takes the same lines for equal in any order and split in any way, and refuses others', async () => {
    const orderSn = newOrder()
    const initial = [await inventory.stock(6), await inventory.stock(7)]
    const lines: Lines = [
      [7, 1],
      [6, 2],
      [7, 2],
    ]
    const same: Lines = [
      [6, 1],
      [6, 1],
      [7, 3],
    ]
    await inventory.sell(orderSn, lines)
    await inventory.sell(orderSn, same)
    for (const other of [
      [[6, 2]],
      [
        [6, 2],
        [7, 4],
      ],
      [
        [6, 2],
        [8, 3],
      ],
    ] satisfies Lines[]) {
      assert.equal(errorInfoIn(await refusalOf(inventory.sell(orderSn, other)))?.reason, 'SALE_MISMATCH')
      assert.equal(errorInfoIn(await refusalOf(inventory.reback(orderSn, other)))?.reason, 'SALE_MISMATCH')
    }
    assert.equal((await inventory.sale(orderSn)).state, SALE_STATE_SOLD)
    await inventory.reback(orderSn, same)
    assert.deepEqual([await inventory.stock(6), await inventory.stock(7)], initial)
  })

  it('leaves no ledger row when a Sell is refused, so that it can be tried again', async () => {
    const orderSn = newOrder()
    await inventory.setStock(1_101, 1)
    const initial = await inventory.stock(8)
    const lines: Lines = [
      [8, 1],
      [1_101, 2],
    ]
    assert.equal(errorInfoIn(await refusalOf(inventory.sell(orderSn, lines)))?.reason, 'INSUFFICIENT_STOCK')
    assert.equal((await inventory.sale(orderSn)).state, SALE_STATE_NONE)
    assert.equal(await inventory.stock(8), initial)
    await inventory.setStock(1_101, 2)
    await inventory.sell(orderSn, lines)
    assert.equal(await inventory.stock(8), initial - 1)
  })

  it('never refuses for contention: one hot goods, and lines in opposite orders, at 64 callers', async () => {
    const initial = await inventory.stock(9)
    const numbers = Array.from({ length: 320 }, newOrder)
    let next = 0
    const caller = async () => {
      for (let i = next++; i < numbers.length; i = next++) {
        const lines: Lines =
          i % 2
            ? [
                [9, 1],
                [10 + (i % 7), 1],
              ]
            : [
                [10 + (i % 7), 1],
                [9, 1],
              ]
        await inventory.sell(numbers[i] as string, lines)
        if (i % 3 === 0) await inventory.reback(numbers[i] as string)
      }
    }
    await Promise.all(Array.from({ length: 64 }, caller))
    assert.equal(await inventory.stock(9), initial - numbers.filter((_, i) => i % 3 !== 0).length)
  })

  it('conserves stock under any Sells and Rebacks that run at once', async () => {
    const goods = [1_201, 1_202, 1_203]
    const lines = fc.array(fc.tuple(fc.constantFrom(...goods), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 4 })
    const calls = fc.array(fc.record({ order: fc.nat(3), reback: fc.boolean() }), { minLength: 1, maxLength: 24 })
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(lines, lines, lines, lines),
        calls,
        fc.integer({ min: 0, max: 10 }),
        async (sales, sent, initial) => {
          for (const id of goods) await inventory.setStock(id, initial)
          const numbers = sales.map(newOrder)
          const answers = await Promise.allSettled(
            sent.map(({ order, reback }) => {
              const [orderSn, sale] = [numbers[order] as string, sales[order] as Lines]
              return reback ? inventory.reback(orderSn, sale) : inventory.sell(orderSn, sale)
            }),
          )
          for (const [i, given] of answers.entries()) {
            if (given.status === 'fulfilled') continue
            const reason = errorInfoIn(given.reason)?.reason
            assert.ok(!sent[i]?.reback && (reason === 'SALE_RETURNED' || reason === 'INSUFFICIENT_STOCK'), String(given.reason))
          }
          const left = new Map<number, number>()
          for (const id of goods) left.set(id, await inventory.stock(id))
          for (const [order, orderSn] of numbers.entries()) {
            const { state, goodsInvInfo } = await inventory.sale(orderSn)
            if (sent.some((call) => call.order === order && call.reback)) assert.equal(state, SALE_STATE_RETURNED)
            if (sent.some((call, i) => call.order === order && !call.reback && answers[i]?.status === 'fulfilled')) {
              assert.notEqual(goodsInvInfo.length, 0, 'a Sell was answered OK and is not in the ledger')
            }
            if (state !== SALE_STATE_SOLD) continue
            for (const { goodsId, num } of goodsInvInfo) left.set(goodsId, (left.get(goodsId) ?? 0) + num)
          }
          for (const id of goods) assert.equal(left.get(id), initial, `stock and sold pieces of goods ${id}`)
          await Promise.all(numbers.map((orderSn) => inventory.reback(orderSn)))
          for (const id of goods)
            assert.equal(await inventory.stock(id), initial, `stock of goods ${id} with everything given back`)
        },
      ),
      { numRuns: 40 },
    )
  })
})

/** Every distinct order of these steps. */
function arrangements(steps: readonly string[]): string[][] {
  if (steps.length === 0) return [[]]
  return [...new Set(steps)].flatMap((first) => {
    const i = steps.indexOf(first)
    return arrangements(steps.toSpliced(i, 1)).map((rest) => [first, ...rest])
  })
}
