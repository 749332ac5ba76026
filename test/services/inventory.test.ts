import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import pg from 'pg'
import { SaleState } from '../../proto/generated/inventory.ts'
import { testDatabase } from '../support/postgres.ts'
import { DatabaseProxy } from './database-proxy.ts'
import { errorInfoIn, refusalOf } from './grpc-call.ts'
import { InventoryClient, type Lines } from './inventory-client.ts'

describe('the reference Inventory', () => {
  let databaseUrl: string
  let inventory: InventoryClient

  before(async () => {
    databaseUrl = await testDatabase()
    inventory = await InventoryClient.start(databaseUrl)
  })
  after(() => inventory.stop())

  it('has 10,000 pieces of goods 1 to 200 at first, but 0 to 4 of goods 191 to 195', async () => {
    const own = await InventoryClient.start(await testDatabase())
    try {
      const stocks = await Promise.all([1, 190, 191, 192, 195, 196, 200].map((id) => own.stock(id)))
      assert.deepEqual(stocks, [10_000, 10_000, 0, 1, 4, 10_000, 10_000])
      assert.equal((await refusalOf(own.stock(201))).code, status.NOT_FOUND)
    } finally {
      await own.stop()
    }
  })

  it('keeps stock and ledger over a restart', async () => {
    const own = await testDatabase()
    let first = await InventoryClient.start(own)
    await first.sell('KEPT', [[1, 7]])
    await first.stop()
    first = await InventoryClient.start(own)
    try {
      assert.equal(await first.stock(1), 9_993)
      await first.sell('KEPT', [[1, 7]])
      assert.equal(await first.stock(1), 9_993)
    } finally {
      await first.stop()
    }
  })

  it('starts twice at once over an empty database', async () => {
    const own = await testDatabase()
    const both = await Promise.allSettled([InventoryClient.start(own), InventoryClient.start(own)])
    try {
      for (const one of both) assert.equal(one.status === 'fulfilled' && (await one.value.stock(1)), 10_000)
    } finally {
      for (const one of both) if (one.status === 'fulfilled') await one.value.stop()
    }
  })

  it('tells out of stock from a message too large: reason, goods, asked and left', async () => {
    await inventory.setStock(301, 2)
    await inventory.setStock(302, 0)
    const error = await refusalOf(
      inventory.sell('SHORT', [
        [302, 1],
        [1, 1],
        [301, 2],
        [301, 1],
      ]),
    )
    assert.equal(error.code, status.RESOURCE_EXHAUSTED)
    assert.deepEqual(errorInfoIn(error), {
      reason: 'INSUFFICIENT_STOCK',
      domain: 'inventory',
      metadata: { goodsIds: '301,302', left: '301:2,302:0' },
    })
    assert.match(error.details, /301 \(3 asked, 2 left\), 302 \(1 asked, 0 left\)/)
  })

  it('refuses goods without a stock record before it speaks of short stock, and names both at once', async () => {
    await inventory.setStock(303, 0)
    const error = await refusalOf(
      inventory.sell('UNKNOWN', [
        [303, 1],
        [9_002, 1],
        [9_001, 1],
      ]),
    )
    assert.equal(error.code, status.NOT_FOUND)
    assert.deepEqual(errorInfoIn(error), {
      reason: 'STOCK_NOT_FOUND',
      domain: 'inventory',
      metadata: { goodsId: '9001', goodsIds: '303,9001,9002', left: '303:0' },
    })
    assert.match(error.details, /no stock record of goods 9001, 9002: .*; not enough stock of goods 303 \(1 asked, 0 left\)/)
  })

  it('refuses a thousand short goods with an answer that still arrives', async () => {
    const lines: Lines = Array.from({ length: 1_000 }, (_, i) => [2_147_000_000 + i, 1])
    const error = await refusalOf(inventory.sell('MANY', lines))
    assert.equal(error.code, status.NOT_FOUND)
    assert.equal(errorInfoIn(error)?.metadata.goodsIds?.split(',').length, 1_000)
    const short: Lines = Array.from({ length: 1_000 }, (_, i) => [2_147_100_000 + i, 2_147_483_647])
    for (const [goodsId] of short) await inventory.setStock(goodsId, 2_147_483_646)
    const tight = errorInfoIn(await refusalOf(inventory.sell('ALL SHORT', short)))?.metadata
    assert.equal(tight?.goodsIds?.split(',').length, 1_000)
    assert.equal(tight?.left?.split(',').length, 50)
  })

  it('names the line that asks for less than one piece, and changes nothing', async () => {
    const initial = await inventory.stock(11)
    for (const num of [0, -5]) {
      for (const orderSn of ['BAD', '']) {
        for (const call of [inventory.sell.bind(inventory), inventory.reback.bind(inventory)]) {
          const error = await refusalOf(
            call(orderSn, [
              [11, 1],
              [12, num],
            ]),
          )
          assert.equal(error.code, status.INVALID_ARGUMENT)
          assert.match(error.details, /goodsInvInfo\[1\]\.num/)
        }
      }
    }
    assert.equal(await inventory.stock(11), initial)
  })

  const invalid: [string, () => Promise<unknown>][] = [
    ['a Sell without lines', () => inventory.sell('EMPTY', [])],
    ['a Reback without lines and order number', () => inventory.reback('', [])],
    ['an order number of 65 characters', () => inventory.sell('X'.repeat(65), [[1, 1]])],
    ['an order number with NUL', () => inventory.reback('A\0', [[1, 1]])],
    ['a GetSale without order number', () => inventory.sale('')],
    ['a page of the ledger that is too long', () => inventory.sales('', 251)],
    ['a page of the ledger of less than nothing', () => inventory.sales('', -1)],
    [
      'more pieces in all than int32 holds',
      () =>
        inventory.sell('SUM', [
          [1, 2_147_483_647],
          [1, 1],
        ]),
    ],
    ['a negative stock', () => inventory.setStock(1, -1)],
    ['a stock of goods 0', () => inventory.setStock(0, 1)],
  ]
  for (const [what, call] of invalid) {
    it(`refuses ${what} as INVALID_ARGUMENT`, async () => {
      assert.equal((await refusalOf(call())).code, status.INVALID_ARGUMENT)
    })
  }

  it('lists its ledger page by page, in the order of the bytes of the numbers, each sale once', async () => {
    const numbers = ['LIST-a', 'LIST-B', 'LIST-_', 'LIST-0', 'LIST-Z'].sort() // as JavaScript compares them
    for (const orderSn of numbers) await inventory.sell(orderSn, [[21, 1]])
    await inventory.reback('LIST-B')
    const listed: string[] = []
    for (let after = 'LIST'; ; ) {
      const page = await inventory.sales(after, 2)
      assert.ok(page.length <= 2)
      const last = page.findLast(({ orderSn }) => orderSn.startsWith('LIST-'))
      if (!last) break
      listed.push(...page.flatMap(({ orderSn, state }) => (orderSn.startsWith('LIST-') ? `${orderSn} ${state}` : [])))
      after = last.orderSn
    }
    assert.deepEqual(
      listed,
      numbers.map((orderSn) => `${orderSn} ${orderSn === 'LIST-B' ? SaleState.SALE_STATE_RETURNED : SaleState.SALE_STATE_SOLD}`),
    )
  })

  it('takes an order number of 64 characters', async () => {
    await inventory.sell('Y'.repeat(64), [[1, 1]])
    assert.equal((await inventory.sale('Y'.repeat(64))).state, 1)
  })

  it('gives stock back beyond what the wire can count', async () => {
    await inventory.setStock(304, 5)
    await inventory.sell('ROOM', [[304, 5]])
    await inventory.setStock(304, 2_147_483_647)
    await inventory.reback('ROOM')
    assert.equal((await refusalOf(inventory.stock(304))).code, status.OUT_OF_RANGE)
  })

  it('is not idempotent without an order number, as the original', async () => {
    await inventory.setStock(305, 10)
    await inventory.sell('', [
      [305, 2],
      [305, 1],
    ])
    await inventory.sell('', [[305, 3]])
    assert.equal(await inventory.stock(305), 4)
    await inventory.reback('', [[305, 5]])
    await inventory.reback('', [[305, 5]])
    assert.equal(await inventory.stock(305), 14)
    assert.equal(
      (
        await refusalOf(
          inventory.reback('', [
            [305, 1],
            [9_001, 1],
          ]),
        )
      ).code,
      status.NOT_FOUND,
    )
    assert.equal(await inventory.stock(305), 14)
  })

  it('answers UNAVAILABLE while its database is cut off, and serves again afterwards', async () => {
    const proxy = await DatabaseProxy.before(databaseUrl)
    const own = await InventoryClient.start(proxy.url)
    try {
      await proxy.cut()
      assert.equal((await refusalOf(own.sell('CUT', [[13, 1]]))).code, status.UNAVAILABLE)
      await proxy.mend()
      await own.sell('CUT', [[13, 1]])
      assert.equal(await own.stock(13), 9_999)
    } finally {
      await own.stop()
      await proxy.close()
    }
  })

  it('answers UNAVAILABLE when its database falls silent, and serves again over new connections', async () => {
    const proxy = await DatabaseProxy.before(databaseUrl)
    const own = await InventoryClient.start(proxy.url)
    try {
      proxy.silence()
      const silent = refusalOf(own.sell('SILENT', [[14, 1]]))
      await sleep(200)
      const behind = await refusalOf(own.sell('BEHIND', [[14, 1]]))
      assert.equal((await silent).code, status.UNAVAILABLE)
      assert.equal(behind.code, status.UNAVAILABLE)
      assert.match(behind.details, /nothing was changed/)
      await own.sell('SILENT', [[14, 1]])
      await own.sell('BEHIND', [[14, 1]])
      assert.equal(await own.stock(14), 9_998)
    } finally {
      await own.stop()
      await proxy.close()
    }
  })

  it('survives that every one of its connections is ended by the server', async () => {
    await Promise.all(Array.from({ length: 16 }, () => inventory.stock(15)))
    await onDatabase((other) => other.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`))
    await assert.doesNotReject(eventually(() => inventory.sell('ENDED', [[15, 1]])))
    assert.equal(await inventory.stock(15), 9_999)
  })

  it('gives up on a row that somebody holds, with nothing sold', async () => {
    await onDatabase(async (other) => {
      await other.query('BEGIN')
      await other.query('SELECT FROM inventory.stocks WHERE goods_id = 16 FOR UPDATE')
      assert.equal((await refusalOf(inventory.sell('HELD', [[16, 1]]))).code, status.UNAVAILABLE)
      await other.query('COMMIT')
    })
    assert.equal(await inventory.stock(16), 10_000)
    await inventory.sell('HELD', [[16, 1]])
    assert.equal(await inventory.stock(16), 9_999)
  })

  it('lets a Sell in flight finish when it is stopped, and takes no new one', async () => {
    const own = await InventoryClient.start(databaseUrl)
    await onDatabase(async (other) => {
      await other.query('BEGIN')
      await other.query('SELECT FROM inventory.stocks WHERE goods_id = 17 FOR UPDATE')
      const sold = own.sell('FLYING', [[17, 1]])
      await eventually(async () => {
        const { rowCount } = await other.query(`SELECT FROM pg_stat_activity WHERE ${OURS} AND wait_event_type = 'Lock'`)
        if (!rowCount) throw new Error('the Sell has not reached the database')
      })
      const stopped = own.service?.stop()
      const late = new InventoryClient(own.address)
      const refused = refusalOf(late.sell('LATE', [[17, 1]]))
      // At once: on a slow machine PostgreSQL would cut the Sell off that waits here.
      await other.query('COMMIT')
      await sold
      assert.equal((await refused).code, status.UNAVAILABLE)
      await late.stop()
      await stopped
    })
    await own.stop()
    assert.equal(await inventory.stock(17), 9_999)
  })

  it('says which setting is wrong when it cannot use its database', async () => {
    const url = new URL(databaseUrl)
    url.pathname = '/nowhere'
    await assert.rejects(InventoryClient.start(url.href), /"nowhere" does not exist.*INVENTORY_DATABASE_URL/)
  })

  const OURS = "application_name = 'inventory' AND datname = current_database()"

  async function onDatabase(work: (other: pg.Client) => Promise<unknown>): Promise<void> {
    const other = new pg.Client(databaseUrl)
    await other.connect()
    try {
      await work(other)
    } finally {
      await other.end()
    }
  }
})

/** Tries until it succeeds; mocha's limit is the end. */
async function eventually(attempt: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await attempt()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
