import assert from 'node:assert/strict'
import fc from 'fast-check'
import pg from 'pg'
import pino from 'pino'
import { type LedgerRefusal, type SaleLines, StockLedger } from '../../services/inventory/stock-ledger.ts'
import { testDatabase } from '../support/postgres.ts'

type Step = { reback: boolean; orderSn: string; lines: SaleLines }

describe('Sells and Rebacks that the ledger applies as one group', () => {
  let ledger: StockLedger
  let database: pg.Client
  let warnings: string[] = []
  let orders = 0
  let goods = 1_000
  const newOrder = () => `ORDER${++orders}`

  before(async () => {
    const url = await testDatabase()
    ledger = await StockLedger.open(url, pino({ level: 'warn' }, { write: (line) => warnings.push(line) }))
    database = new pg.Client(url)
    await database.connect()
  })
  after(async () => {
    await database.end()
    await ledger.close()
  })

  afterEach(() => {
    const unexpected = warnings
    warnings = []
    assert.deepEqual(unexpected, [], 'a group was given up that need not have been')
  })

  it('are one transaction', async () => {
    const [goodsId, numbers] = [await stocked(100), Array.from({ length: 20 }, newOrder)]
    assert.deepEqual(
      await together(numbers.map((orderSn) => sell(orderSn, goodsId, 1))),
      numbers.map(() => 'done'),
    )
    assert.equal(await transactionsOf(numbers), 1)
    assert.equal(await ledger.stockOf(goodsId), 80)
  })

  it('have each an outcome of their own', async () => {
    const [goodsId, scarce] = [await stocked(100), await stocked(2)]
    const [sold, returned, fresh, another, short, unknown] = [
      newOrder(),
      newOrder(),
      newOrder(),
      newOrder(),
      newOrder(),
      newOrder(),
    ]
    await together([sell(sold, goodsId, 3), sell(returned, goodsId, 3)])
    await together([reback(returned)])
    const outcomes = await together([
      sell(fresh, goodsId, 1),
      sell(sold, goodsId, 3),
      sell(sold, goodsId, 4),
      sell(returned, goodsId, 3),
      sell(short, scarce, 3),
      sell(unknown, 999_999, 1),
      sell('', goodsId, 10),
      sell('', goodsId, 10),
      reback(another),
      reback(returned),
      reback(fresh, goodsId, 2),
      { ...reback(''), lines: linesOf(goodsId, 5) },
      sell(another, goodsId, 1),
    ])
    assert.deepEqual(outcomes, [
      'done',
      'done',
      'SALE_MISMATCH',
      'SALE_RETURNED',
      `INSUFFICIENT_STOCK ${scarce}: 3 of 2`,
      'STOCK_NOT_FOUND 999999',
      'done',
      'done',
      'done',
      'done',
      'SALE_MISMATCH',
      'done',
      'SALE_RETURNED',
    ])
    assert.equal(await ledger.stockOf(goodsId), 100 - 3 - 1 - 10 - 10 + 5)
    assert.equal(await ledger.stockOf(scarce), 2)
    assert.equal((await ledger.saleOf(fresh))?.state, 'SOLD')
    assert.equal(await ledger.saleOf(short), undefined)
    assert.equal((await ledger.saleOf(another))?.state, 'RETURNED')
  })

  it('take once, and still as one group, a Sell that comes twice among them', async () => {
    const [goodsId, orderSn] = [await stocked(10), newOrder()]
    assert.deepEqual(await together([sell(orderSn, goodsId, 3), sell(orderSn, goodsId, 3)]), ['done', 'done'])
    assert.equal(await ledger.stockOf(goodsId), 7)
  })

  it('are served in the order they came while the stock lasts', async () => {
    const goodsId = await stocked(7)
    const numbers = Array.from({ length: 20 }, newOrder)
    const outcomes = await together(numbers.map((orderSn) => sell(orderSn, goodsId, 1)))
    assert.deepEqual(
      outcomes,
      numbers.map((_, i) => (i < 7 ? 'done' : `INSUFFICIENT_STOCK ${goodsId}: 1 of 0`)),
    )
    assert.equal(await transactionsOf(numbers), 1)
    assert.equal(await ledger.stockOf(goodsId), 0)
  })

  it('leave to the next what one too large could not take', async () => {
    const goodsId = await stocked(7)
    const outcomes = await together([5, 4, 2, 1].map((num) => sell(newOrder(), goodsId, num)))
    assert.deepEqual(outcomes, ['done', `INSUFFICIENT_STOCK ${goodsId}: 4 of 2`, 'done', `INSUFFICIENT_STOCK ${goodsId}: 1 of 0`])
  })

  it('see what an earlier one of the same order did', async () => {
    const goodsId = await stocked(10)
    const [sold, tombstone] = [newOrder(), newOrder()]
    assert.deepEqual(
      await together([
        sell(sold, goodsId, 10),
        reback(tombstone),
        sell(sold, goodsId, 10),
        reback(sold),
        sell(tombstone, goodsId, 1),
        reback(sold),
        sell(sold, goodsId, 10),
      ]),
      ['done', 'done', 'done', 'done', 'SALE_RETURNED', 'done', 'SALE_RETURNED'],
    )
    assert.equal(await ledger.stockOf(goodsId), 10)
    assert.deepEqual(await ledger.saleOf(sold), { state: 'RETURNED', goodsIds: [goodsId], nums: [10] })
    assert.deepEqual(await ledger.saleOf(tombstone), { state: 'RETURNED', goodsIds: [], nums: [] })
  })

  it('end as they would one after the other', async () => {
    const step = fc.record({
      reback: fc.nat(3).map((chance) => chance === 0),
      order: fc.nat(8),
      lines: fc.uniqueArray(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 })), { minLength: 1, selector: ([which]) => which }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), fc.nat(12), fc.nat(12), async (steps, split, stock) => {
        const ends: unknown[] = []
        for (const apply of [together, oneByOne]) {
          const ids = [await stocked(stock), await stocked(stock), await stocked(stock)]
          const numbers = ['', ...Array.from({ length: 8 }, newOrder)]
          const calls = steps.map(({ reback, order, lines }): Step => {
            const sorted = lines.toSorted(([a], [b]) => a - b)
            const goodsIds = sorted.map(([which]) => ids[which] as number)
            return { reback, orderSn: numbers[order] as string, lines: { goodsIds, nums: sorted.map(([, num]) => num) } }
          })
          const outcomes = [...(await apply(calls.slice(0, split))), ...(await apply(calls.slice(split)))]
          const sales = await Promise.all(numbers.map((orderSn) => ledger.saleOf(orderSn)))
          ends.push({
            outcomes: outcomes.map((outcome) => outcome.replaceAll(/\b\d{4,}\b/g, (id) => `goods ${ids.indexOf(Number(id))}`)),
            sales: sales.map((sale) => sale && { ...sale, goodsIds: sale.goodsIds.map((id) => ids.indexOf(id)) }),
            stocks: await Promise.all(ids.map((id) => ledger.stockOf(id))),
          })
        }
        assert.deepEqual(ends[0], ends[1])
      }),
      { numRuns: 60 },
    )
  })

  it('do not fail with one that the database chokes on', async () => {
    const goodsId = await stocked(10)
    const [poison, one, two] = [newOrder(), newOrder(), newOrder()]
    await database.query(`CREATE FUNCTION choke() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''poison''; END'`)
    await database.query(
      `CREATE TRIGGER choke BEFORE INSERT ON inventory.sales FOR EACH ROW WHEN (new.order_sn = '${poison}') EXECUTE FUNCTION choke()`,
    )
    try {
      const outcomes = await together([sell(one, goodsId, 1), sell(poison, goodsId, 1), sell(two, goodsId, 1)])
      assert.deepEqual(outcomes, ['done', 'Error: poison', 'done'])
    } finally {
      await database.query('DROP FUNCTION choke CASCADE')
    }
    assert.equal(await ledger.stockOf(goodsId), 8)
    assert.match(warnings.splice(0).join(), /one by one/)
  })

  it('do not fail with one whose row somebody holds, which is sold as soon as it is free', async () => {
    const [held, free] = [await stocked(10), await stocked(10)]
    await database.query('BEGIN')
    await database.query('SELECT FROM inventory.stocks WHERE goods_id = $1 FOR UPDATE', [held])
    const stuck = untilServed(sell(newOrder(), held, 1))
    const waiting = untilServed(sell(newOrder(), held, 1))
    const neighbour = together([sell(newOrder(), free, 1)])
    assert.deepEqual(await neighbour, ['done'])
    assert.deepEqual(await together([sell(newOrder(), free, 1)]), ['done'])
    await database.query('COMMIT')
    assert.deepEqual([await stuck, await waiting], [['done'], ['done']])
    assert.equal(await ledger.stockOf(held), 8)
    assert.equal(await ledger.stockOf(free), 8)
    assert.match(warnings.splice(0).join(), /one by one/)
  })

  it('take the locks of order numbers in the same order whatever order they come in', async () => {
    const goodsId = await stocked(10)
    const { rows } = await database.query<{ sn: string }>(
      'SELECT sn FROM unnest($1::text[]) AS sn ORDER BY hashtextextended(sn, 0)',
      [[newOrder(), newOrder(), newOrder()]],
    )
    const [low, middle, high] = rows.map(({ sn }) => sn) as [string, string, string]
    const lock = 'pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken'
    for (const numbers of [
      [low, middle, high],
      [high, middle, low],
    ]) {
      await database.query('BEGIN')
      await database.query(`SELECT ${lock}`, [middle])
      const applied = together(numbers.map((orderSn) => sell(orderSn, goodsId, 1)))
      await somebodyWaits()
      assert.deepEqual((await database.query(`SELECT ${lock}`, [high])).rows, [{ taken: true }])
      await database.query('COMMIT')
      assert.deepEqual(await applied, ['done', 'done', 'done'])
    }
    warnings = [] // a slow machine may have worn out the group's patience
  })

  it('take the rows of their goods in the same order whatever order they come in', async () => {
    const [low, middle, high] = [await stocked(10), await stocked(10), await stocked(10)]
    for (const ids of [
      [low, middle, high],
      [high, middle, low],
    ]) {
      await database.query('BEGIN')
      const lock = 'SELECT goods_id FROM inventory.stocks WHERE goods_id = $1 FOR UPDATE SKIP LOCKED'
      await database.query(lock, [middle])
      const applied = together(ids.map((goodsId) => sell(newOrder(), goodsId, 1)))
      await somebodyWaits()
      assert.deepEqual((await database.query(lock, [high])).rows, [{ goods_id: high }])
      await database.query('COMMIT')
      assert.deepEqual(await applied, ['done', 'done', 'done'])
    }
    warnings = [] // a slow machine may have worn out the group's patience
  })

  /** Waits until a call of the ledger waits for what `database` holds; mocha's limit is the end. */
  async function somebodyWaits(): Promise<void> {
    const text = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while ((await database.query(text)).rowCount === 0);
  }

  /** Goods of their own with so many pieces. */
  async function stocked(num: number): Promise<number> {
    await ledger.setStock(++goods, num)
    return goods
  }

  /** Asked for in the same moment, so that all leave as one group. */
  async function together(steps: readonly Step[]): Promise<string[]> {
    const answers = await Promise.allSettled(
      steps.map(({ reback, orderSn, lines }) => (reback ? ledger.reback(orderSn, lines) : ledger.sell(orderSn, lines))),
    )
    return answers.map((answer) =>
      answer.status === 'fulfilled' ? said(answer.value) : String(answer.reason).replace('error:', 'Error:'),
    )
  }

  /** A slow machine may need longer than a call may wait for a row; who is asked to try again does so. */
  async function untilServed(step: Step): Promise<string[]> {
    for (;;) {
      const answers = await together([step])
      if (!answers.some((answer) => answer.endsWith('try again'))) return answers
    }
  }

  async function oneByOne(steps: readonly Step[]): Promise<string[]> {
    const outcomes: string[] = []
    for (const step of steps) outcomes.push(...(await together([step])))
    return outcomes
  }

  /** Returns how many transactions wrote the ledger rows of these orders. */
  async function transactionsOf(numbers: readonly string[]): Promise<number> {
    const { rows } = await database.query('SELECT DISTINCT xmin FROM inventory.sales WHERE order_sn = ANY ($1)', [numbers])
    return rows.length
  }
})

function sell(orderSn: string, goodsId: number, num: number): Step {
  return { reback: false, orderSn, lines: linesOf(goodsId, num) }
}

function reback(orderSn: string, goodsId?: number, num = 0): Step {
  return { reback: true, orderSn, lines: goodsId === undefined ? { goodsIds: [], nums: [] } : linesOf(goodsId, num) }
}

function linesOf(goodsId: number, num: number): SaleLines {
  return { goodsIds: [goodsId], nums: [num] }
}

function said(refusals: readonly LedgerRefusal[]): string {
  return (
    refusals
      .map(({ reason, goodsId, asked, left }) => {
        if (goodsId === 0) return reason
        return reason === 'STOCK_NOT_FOUND' ? `${reason} ${goodsId}` : `${reason} ${goodsId}: ${asked} of ${left}`
      })
      .join(', ') || 'done'
  )
}
