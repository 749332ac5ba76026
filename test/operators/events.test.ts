import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { dropEvent, eventsText, listEvents, sendEventsAgain } from '../../operators/events.ts'
import { Refused } from '../../operators/refused.ts'
import { eventStore } from '../../store/events/event-store.ts'
import { BEGINNING, newestPlace } from '../../store/events/read-events.ts'
import { EventShop } from '../support/event-shop.ts'

const BY = { by: 'a test', why: 'to see' }

describe('the verb events', () => {
  let shop: EventShop

  before(async () => {
    shop = await EventShop.open()
  })
  after(() => shop.close())

  it('lists what was given up and what waits, sends again what is named, and refuses what is no event that was tried', async () => {
    const events = eventStore(shop.db)
    assert.match(eventsText(await listEvents({ events })), /^no event was given up/)
    const orderSn = await shop.confirmed()
    await shop.pay(orderSn)
    await assert.rejects(sendEventsAgain({ events }, `${orderSn}/1`, BY), Refused)
    await events.passEvents(BEGINNING, await newestPlace(shop.db), [
      { orderSn, seq: 1, error: 'the receiver answered 500' },
      { orderSn, seq: 2 },
    ])
    await sql`update event_retries set given_up_at = now() where seq = 1`.execute(shop.db)
    const text = eventsText(await listEvents({ events }))
    assert.match(text, new RegExp(`${orderSn}/1 .*the receiver answered 500 .*given up: events --again ${orderSn}/1`))
    assert.match(text, new RegExp(`${orderSn}/2 .*tried at`))
    for (const which of ['', orderSn, `${orderSn}/0`, `${orderSn}/3`, "'/1"]) {
      await assert.rejects(sendEventsAgain({ events }, which, BY), Refused, which)
    }
    assert.match(await sendEventsAgain({ events }, 'given up', BY), /^1 events are sent again/)
    assert.match(eventsText(await listEvents({ events })), new RegExp(`${orderSn}/2 .*waits for the one before it`))
    assert.equal(await sendEventsAgain({ events }, 'given up', BY), 'no event was given up')
    assert.match(await sendEventsAgain({ events }, `${orderSn}/1`, BY), /is sent again/)
  })

  it('drops for good an event that failed, and refuses what is none', async () => {
    const events = eventStore(shop.db)
    const orderSn = await shop.confirmed()
    await shop.pay(orderSn)
    const { from } = await events.undeliveredEvents(1)
    await events.passEvents(from, await newestPlace(shop.db), [
      { orderSn, seq: 1, error: 'the receiver answered 422' },
      { orderSn, seq: 2 },
    ])
    for (const which of ['', orderSn, `${orderSn}/2`, `${orderSn}/3`, "'/1"]) {
      await assert.rejects(dropEvent({ events }, which, BY), Refused, which)
    }
    assert.match(await dropEvent({ events }, `${orderSn}/1`, BY), /^event .*\/1 is dropped/)
    await assert.rejects(dropEvent({ events }, `${orderSn}/1`, BY), Refused)
    const left = (await listEvents({ events })).events.filter((one) => one.orderSn === orderSn)
    assert.deepEqual(
      left.map(({ seq }) => seq),
      [2],
    )
    assert.ok(Date.parse(left[0]?.tryAt ?? '') <= Date.now(), 'the next one is called')
    const audit = await shop.db
      .selectFrom('order_audit')
      .selectAll()
      .where('order_sn', '=', orderSn)
      .where('verb', '=', 'drop')
      .execute()
    assert.deepEqual(
      audit.map(({ by, why, before }) => ({ by, why, before })),
      [{ by: BY.by, why: `event 1: ${BY.why}`, before: { status: 'PAYING', stockState: 'sold' } }],
    )
  })
})
