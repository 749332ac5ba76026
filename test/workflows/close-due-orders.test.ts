import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Deps } from '../../activities/deps.ts'
import { type BatchOutcome, MAX_BATCH_ORDERS } from '../../contracts/create-orders.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { RETURNING_AFTER_MS } from '../../contracts/time-budget.ts'
import { missing, type Parts, startParts } from '../activities/parts.ts'
import { connectParts, outcome, quietRuntime, withWorker } from '../support/workflow-runs.ts'

type Temporal = Awaited<ReturnType<typeof connectParts>>
type Start = Parameters<Parameters<typeof withWorker>[2]>[0]

const LINES = [{ goodsId: 1, num: 1 }]
const GRACE_MS = 60_000

describe('closing orders that nobody has paid in time', () => {
  let parts: Parts
  let temporal: Temporal
  let users = 0

  before(async () => {
    quietRuntime()
    parts = await startParts()
    temporal = await connectParts()
  })
  after(async () => {
    await temporal?.close()
    await parts?.stop()
  })
  beforeEach(() => sql`truncate orders, order_lines, order_audit, order_events, payments cascade`.execute(parts.db))

  it('closes what is due and nothing else, and gives its stock back once', async () => {
    const [due, inGrace, young] = [await confirmed(3), await confirmed(2), await confirmed(1)]
    await late(due, GRACE_MS + 1_000)
    await late(inGrace, GRACE_MS - 30_000)
    const before = await parts.stock.stock(1)
    assert.deepEqual(await close(), [{ closed: 3, returned: 3 }])
    assert.deepEqual(await states(due), { 'TRADE_CLOSED returned': 3 })
    assert.deepEqual(await states([...inGrace, ...young]), { 'PAYING sold': 3 })
    assert.equal(await parts.stock.stock(1), before + 3)
    assert.deepEqual(await close(), [{ closed: 0, returned: 0 }])
    assert.equal(await parts.stock.stock(1), before + 3)
  })

  it('closes 2,000 that are due at once in one run, while orders are created, and two runs at once share them', async () => {
    const due: string[] = []
    for (let i = 0; i < 20; i++) due.push(...(await confirmed(MAX_BATCH_ORDERS)))
    await late(due)
    const before = await parts.stock.stock(1)
    let created = 0
    await running({}, async (start) => {
      const closings = Promise.all([start('closeDueOrders'), start('closeDueOrders')])
      for (let i = 0; i < 5 || created === 0; i++) {
        const requests = Array.from({ length: 20 }, asked)
        const ends = (await (await start('createOrders', requests)).result()) as BatchOutcome[]
        for (const end of ends) {
          if (end.state === 'confirmed') created++
          if (end.state !== 'handedOver') continue
          // On a busy machine; their own runs settle them, one way or the other.
          const own = await outcome(temporal.client.workflow.getHandle(end.workflowId))
          if ('result' in own) created++
        }
      }
      const ends = await Promise.all((await closings).map((run) => run.result() as Promise<{ closed: number }>))
      assert.equal(
        ends.reduce((sum, { closed }) => sum + closed, 0),
        2_000,
      )
    })
    assert.deepEqual(await states(due), { 'TRADE_CLOSED returned': 2_000 })
    assert.equal(await parts.stock.stock(1), before + 2_000 - created)
    const { rows } = await sql<{ n: number }>`select count(*)::integer as n from order_events where type = 'order.closed'
      union all select count(*)::integer from order_audit where verb = 'close'`.execute(parts.db)
    assert.deepEqual(
      rows.map(({ n }) => n),
      [2_000, 2_000],
      'each is closed once',
    )
  })

  it('is not held up by an order that can not be closed, nor by one that can not be given back, or not be recorded', async () => {
    const due = await confirmed(20)
    await late(due)
    const [unclosable = '', unreturned = '', unrecorded = ''] = due
    // Its event is there already: the statement that closes it fails, with all that it would close beside it.
    await sql`insert into order_events (aggregateid, type, payload, seq, xact)
      select order_sn, 'x', '{}', event_seq + 1, event_xact from orders where order_sn = ${unclosable}`.execute(parts.db)
    const { inventory } = parts.clients
    const poisoned: Partial<Deps> = {
      inventory: {
        sell: (...args) => inventory.sell(...args),
        async reback(orderSn, ...rest) {
          if (orderSn === unreturned) throw new TypeError('a defect')
          return await inventory.reback(orderSn, ...rest)
        },
        sellUnkeyed: (...args) => inventory.sellUnkeyed(...args),
        rebackUnkeyed: (...args) => inventory.rebackUnkeyed(...args),
      },
    }
    await sql`create function fail() returns trigger language plpgsql as 'begin raise exception ''a defect''; end'`.execute(
      parts.db,
    )
    await sql
      .raw(`create trigger fail before update of stock_state on orders for each row
        when (new.order_sn = '${unrecorded}' and new.stock_state = 'returned') execute function fail()`)
      .execute(parts.db)
    const before = await parts.stock.stock(1)
    try {
      assert.deepEqual(await close(poisoned), [{ closed: 19, returned: 17 }])
      assert.deepEqual(await states(due), { 'PAYING sold': 1, 'TRADE_CLOSED returned': 17, 'TRADE_CLOSED returning': 2 })
      assert.equal(await parts.stock.stock(1), before + 18)
    } finally {
      await sql`drop trigger fail on orders`.execute(parts.db)
      await sql`drop function fail`.execute(parts.db)
    }
    await sql`delete from order_events where type = 'x'`.execute(parts.db)
    await aged(due)
    assert.deepEqual(await close(), [{ closed: 1, returned: 3 }], 'what was left is found')
    assert.deepEqual(await states(due), { 'TRADE_CLOSED returned': 20 })
    assert.equal(await parts.stock.stock(1), before + 20)
  })

  it('goes on closing while the inventory is away, asks it a bounded number of times, and gives back when it is there again', async () => {
    const earlier = await confirmed(100)
    await late(earlier)
    const away = missing('127.0.0.1:1')
    const before = await parts.stock.stock(1)
    let calls = 0
    const counted: Partial<Deps> = { inventory: away.inventory, onBatch: () => calls++ }
    try {
      assert.deepEqual(await close(counted), [{ closed: 100, returned: 0 }])
      assert.ok(calls <= 200, `${calls} calls`)
      for (let i = 0; i < 11; i++) await late(await confirmed(MAX_BATCH_ORDERS))
      await aged(earlier)
      calls = 0
      assert.deepEqual(await close(counted), [{ closed: 1_100, returned: 0 }])
      assert.ok(calls <= 2 * 500, `${calls} calls: two rounds show that it is away`)
    } finally {
      away.close()
    }
    await aged()
    assert.deepEqual(await close(), [{ closed: 0, returned: 1_200 }])
    assert.equal(await parts.stock.stock(1), before + 1_200 - 1_100)
  })

  it('leaves to a run at work what it has just closed', async () => {
    const orderSns = await confirmed(2)
    await late(orderSns)
    await parts.orders.closeDueSparing(GRACE_MS, 500)
    assert.deepEqual(await close(), [{ closed: 0, returned: 0 }])
    await aged(orderSns.slice(0, 1))
    assert.deepEqual(await close(), [{ closed: 0, returned: 1 }])
  })

  it('counts as no progress what nobody here can give back: a participant that this build lacks is owed something', async () => {
    const orderSns = await confirmed(1)
    await sql`update orders set held = '{"stranger":{}}' where order_sn = any(${orderSns}::text[])`.execute(parts.db)
    await late(orderSns)
    assert.deepEqual(await close(), [{ closed: 1, returned: 1 }])
    await aged(orderSns)
    assert.deepEqual(await close(), [{ closed: 0, returned: 0 }])
    assert.deepEqual((await parts.orders.getOrder(orderSns[0] ?? ''))?.owed, ['stranger'])
  })

  it('gives back at once what cancelled orders hold, and nothing of an order that stands', async () => {
    const [cancelled, standing] = [[...(await confirmed(50)), ...(await confirmed(100))], await confirmed(1)]
    await late(cancelled)
    await parts.orders.closeDueSparing(GRACE_MS, 500)
    const before = await parts.stock.stock(1)
    await running({}, async (start) => {
      assert.deepEqual(await outcome(await start('giveBackOrders', [...cancelled, ...standing, 'A'.repeat(16)])), { result: 150 })
      assert.deepEqual(await outcome(await start('giveBackOrders', cancelled)), { result: 150 })
    })
    assert.equal(await parts.stock.stock(1), before + 150)
    assert.deepEqual(await states(standing), { 'PAYING sold': 1 })
  })

  async function running<T>(other: Partial<Deps>, story: (start: Start) => Promise<T>): Promise<T> {
    const { handOverOrders: _, startSettling: __, ...activities } = parts.bareActivities({ payGraceMs: GRACE_MS, ...other })
    return await withWorker(temporal, activities, story)
  }

  async function close(other: Partial<Deps> = {}, runs = 1): Promise<unknown[]> {
    return await running(other, async (start) => {
      const started = await Promise.all(Array.from({ length: runs }, () => start('closeDueOrders')))
      return await Promise.all(started.map((run) => run.result()))
    })
  }

  function asked() {
    const customer = { address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }
    return { userId: (users++ % 1_000) + 1, requestId: randomUUID(), ...customer, lines: LINES }
  }

  /** @returns the numbers of orders that sold their stock and wait for their payment */
  async function confirmed(count: number): Promise<string[]> {
    const { prepareOrders, sellOrders, confirmOrders } = parts.activities()
    const requests = Array.from({ length: count }, asked)
    const sales = requests.map((request) => ({ orderSn: orderSnOf(request), lines: LINES }))
    await prepareOrders(requests)
    for (let unsold = sales; unsold.length > 0; ) {
      const sold = await sellOrders(unsold)
      unsold = unsold.filter((_, i) => !('done' in (sold[i] ?? {})))
    }
    const priced = LINES.map((line) => ({ ...line, name: 'Tea', image: '', price: { amount: 100, currency: 'CNY' } }))
    await confirmOrders(sales.map(({ orderSn }) => ({ orderSn, lines: priced })))
    return sales.map(({ orderSn }) => orderSn)
  }

  async function late(orderSns: readonly string[], ms = 2 * GRACE_MS): Promise<void> {
    await sql`update orders set pay_deadline = now() - make_interval(secs => ${ms / 1_000})
      where order_sn = any(${orderSns}::text[])`.execute(parts.db)
  }

  /** Makes them as old as those that no run is at. @default all */
  async function aged(orderSns?: readonly string[]): Promise<void> {
    await sql`update orders set updated_at = now() - make_interval(secs => ${RETURNING_AFTER_MS / 1_000})
      where ${orderSns ?? null}::text[] is null or order_sn = any(${orderSns ?? null}::text[])`.execute(parts.db)
  }

  async function states(orderSns: readonly string[]): Promise<Record<string, number>> {
    const { rows } = await sql<{ state: string; n: number }>`
      select status || ' ' || stock_state as state, count(*)::integer as n from orders
      where order_sn = any(${orderSns}::text[]) group by 1 order by 1`.execute(parts.db)
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]))
  }
})
