import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { OrderEvent } from '../../contracts/event.ts'
import { eventStore } from '../../store/events/event-store.ts'
import { BEGINNING, type EventPlace, newestPlace, readEvents } from '../../store/events/read-events.ts'
import { EventShop, PERSON } from '../support/event-shop.ts'

describe('the feed of events', () => {
  let shop: EventShop

  beforeEach(async () => {
    shop = await EventShop.open()
  })
  afterEach(() => shop.close())

  it('has every event once, page by page, those of one order in their order', async () => {
    const orders = [await shop.confirmed(), await shop.confirmed()]
    for (const orderSn of [...orders, ...orders]) await shop.pay(orderSn)
    const reader = new Reader(2)
    await reader.readOn()
    assert.deepEqual(reader.ids.sort(), orders.flatMap((sn) => [`${sn}/1`, `${sn}/2`, `${sn}/3`]).sort())
    assert.deepEqual(reader.ofOrder(orders[0]), [1, 2, 3])
    assert.deepEqual(await newestPlace(shop.db), reader.place)
  })

  it('never skips what is committed late: nothing behind it is shown until its place is settled', async () => {
    const reader = new Reader()
    const slow = await shop.begin()
    const late = await shop.confirmed(slow.trx)
    const quick = await shop.confirmed()
    await reader.readOn()
    assert.deepEqual(reader.ids, [], 'the slow one stands before the quick one')
    assert.deepEqual(await newestPlace(shop.db), BEGINNING)
    await slow.commit()
    await reader.readOn()
    assert.deepEqual(reader.ids, [`${late}/1`, `${quick}/1`])
  })

  it('never skips what has its id early and is written late', async () => {
    const reader = new Reader()
    const slow = await shop.begin()
    const quick = await shop.confirmed()
    await reader.readOn()
    const late = await shop.confirmed(slow.trx)
    await slow.commit()
    await reader.readOn()
    assert.deepEqual(reader.ids.sort(), [`${late}/1`, `${quick}/1`].sort())
  })

  it('keeps the order of events of an order whose second one has the older transaction', async () => {
    const orderSn = await shop.confirmed()
    const reader = new Reader()
    await reader.readOn()
    const old = await shop.begin()
    await shop.pay(orderSn) // its second event, of a younger transaction
    const between = await shop.begin() // a place between the two, which a reader may have passed
    await shop.pay(orderSn, 1, old.trx) // its third, by the trigger of payments
    await shop.pay(orderSn, 300, old.trx) // its fourth, by that of orders
    await old.commit()
    await between.commit()
    await reader.readOn()
    assert.deepEqual(reader.ofOrder(orderSn), [1, 2, 3, 4])
  })

  it('loses nothing and turns nothing round among writers at once, some of them slow, whatever a reader reads meanwhile', async () => {
    const orders = await Promise.all(Array.from({ length: 4 }, () => shop.confirmed()))
    const reader = new Reader(3)
    let isWriting = true
    const reading = (async () => {
      while (isWriting) await reader.readOn()
    })()
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; n < 12; n++) {
          const { trx, commit } = await shop.begin()
          if (writer % 2 === 0) await shop.confirmed()
          for (let i = 0; i <= writer % 3; i++) await sql`select pg_sleep(0.002)`.execute(trx)
          await shop.pay(orders[(writer + n) % orders.length] ?? '', 1, trx)
          await commit()
        }
      }),
    )
    isWriting = false
    await reading
    await reader.readOn()
    const { rows } = await sql<{ id: string }>`select payload ->> 'id' as id from order_events`.execute(shop.db)
    assert.deepEqual(reader.ids.sort(), rows.map(({ id }) => id).sort())
    for (const orderSn of orders)
      assert.deepEqual(
        reader.ofOrder(orderSn),
        Array.from({ length: 25 }, (_, i) => i + 1),
      )
  })

  it('shows all again behind a restore in another cluster, in their order, by the statement of the runbook', async () => {
    const orderSn = await shop.confirmed()
    await shop.pay(orderSn)
    const all = new Reader()
    await all.readOn()
    await eventStore(shop.db).passEvents(BEGINNING, all.place, [])
    // As if it came from a cluster that had counted further.
    for (const table of ['order_events', 'event_cursors']) {
      await sql`update ${sql.table(table)} set xact = xact + 1000000000`.execute(shop.db)
    }
    await sql`update orders set event_xact = event_xact + 1000000000`.execute(shop.db)
    await shop.pay(orderSn)
    const before = new Reader()
    await before.readOn()
    assert.deepEqual(before.ids, [])

    const runbook = await readFile(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8')
    const [, statement = ''] = /## EventsHeldBack[\s\S]*?```sql\n([\s\S]*?)```/.exec(runbook) ?? []
    await sql.raw(statement).execute(shop.db)
    await shop.pay(orderSn)
    const after = new Reader()
    await after.readOn()
    assert.deepEqual(after.ofOrder(orderSn), [1, 2, 3, 4])
    const { events } = await eventStore(shop.db).undeliveredEvents(10)
    assert.deepEqual(
      events.map(({ event }) => event.sequence),
      ['0000000003', '0000000004'],
      'the webhook goes on where it was',
    )
    await sql.raw(statement).execute(shop.db)
    const again = new Reader()
    await again.readOn()
    assert.deepEqual(again.ofOrder(orderSn), [1, 2, 3, 4], 'once more it changes nothing')
  })

  it('says of no person more than the number of the user', async () => {
    const orderSn = await shop.confirmed()
    await shop.pay(orderSn, 300)
    await shop.pay(orderSn)
    await sql`update orders set status = 'TRADE_FINISHED' where order_sn = ${orderSn}`.execute(shop.db)
    const closed = await shop.confirmed()
    await sql`update orders set status = 'TRADE_CLOSED', closed_for = 'cancelled', deleted_at = now() where order_sn = ${closed}`.execute(
      shop.db,
    )
    const reader = new Reader()
    await reader.readOn()
    assert.equal(reader.events.length, 6)
    for (const text of Object.values(PERSON)) assert.ok(!JSON.stringify(reader.events).includes(text), text)
  })

  /** A reader that goes on where it was. */
  class Reader {
    place: EventPlace = BEGINNING
    readonly events: OrderEvent[] = []
    readonly #limit: number

    constructor(limit = 100) {
      this.#limit = limit
    }

    get ids(): string[] {
      return this.events.map(({ id }) => id)
    }

    async readOn(): Promise<void> {
      for (;;) {
        const { events } = await readEvents(shop.db, this.place, this.#limit)
        for (const { event } of events) this.events.push(event)
        this.place = events.at(-1)?.place ?? this.place
        if (events.length < this.#limit) return
      }
    }

    ofOrder(orderSn = ''): number[] {
      return this.events.filter(({ subject }) => subject === orderSn).map(({ sequence }) => Number(sequence))
    }
  }
})
