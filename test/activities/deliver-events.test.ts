import assert from 'node:assert/strict'
import { MockActivityEnvironment } from '@temporalio/testing'
import { sql } from 'kysely'
import { type EventDeps, eventActivities } from '../../activities/deliver-events.ts'
import { WebhookClient } from '../../clients/webhook-client.ts'
import type { EventRound } from '../../contracts/steps.ts'
import { eventStore } from '../../store/events/event-store.ts'
import { EventShop, PERSON } from '../support/event-shop.ts'
import { Receiver, SECRET } from '../support/receiver.ts'

const BY = { by: 'a test', why: 'to see' }

describe('the delivery of events', () => {
  let shop: EventShop
  let receiver: Receiver
  let outcomes: string[]

  beforeEach(async () => {
    shop = await EventShop.open()
    receiver = await Receiver.open()
    outcomes = []
  })
  afterEach(async () => {
    await receiver.close()
    await shop.close()
  })

  it('posts every event once, signed, those of an order in their order; no personal data', async () => {
    const orders = await Promise.all(Array.from({ length: 5 }, () => shop.confirmed()))
    for (const orderSn of orders) await shop.pay(orderSn)
    for (const orderSn of orders) await shop.pay(orderSn, 300)
    assert.deepEqual(await round(), { delivered: 15, failed: 0, removed: 0, more: false })
    for (const orderSn of orders) assert.deepEqual(receiver.firstOf(orderSn), [1, 2, 3])
    assert.deepEqual(await round(), { delivered: 0, failed: 0, removed: 0, more: false })
    assert.equal(receiver.taken.length, 15)
    for (const text of Object.values(PERSON)) assert.ok(!JSON.stringify(receiver.taken).includes(text))
  })

  it('is held up by a failure for that order alone, and goes on behind it in order', async () => {
    const [bad, good] = [await shop.confirmed(), await shop.confirmed()]
    await shop.pay(bad)
    receiver.answer = ({ subject }) => (subject === bad ? 503 : 204)
    assert.deepEqual(await round(), { delivered: 1, failed: 1, removed: 0, more: false })
    for (const orderSn of [bad, good]) await shop.pay(orderSn)
    assert.deepEqual(await round(), { delivered: 1, failed: 0, removed: 0, more: false })
    assert.deepEqual([receiver.firstOf(bad), receiver.firstOf(good)], [[], [1, 2]])
    assert.deepEqual(
      (await events().listUndelivered({ limit: 10 })).events.map(({ orderSn, seq, attempts, tryAt, lastError }) => [
        ...[orderSn, seq, attempts, Boolean(tryAt), lastError],
      ]),
      [
        [bad, 1, 1, true, 'the receiver answered 503'],
        [bad, 2, 0, false, undefined],
        [bad, 3, 0, false, undefined],
      ],
    )
    receiver.answer = () => 204
    await dueNow()
    await untilDone()
    assert.deepEqual([receiver.firstOf(bad), (await events().listUndelivered({ limit: 10 })).events], [[1, 2, 3], []])
  })

  it('tries the first one of an order alone, though all that wait are due', async () => {
    const orderSn = await shop.confirmed()
    await shop.pay(orderSn)
    receiver.answer = () => 503
    await round()
    await dueNow()
    const due = await events().dueRetries(10)
    assert.deepEqual(
      due.map(({ seq }) => seq),
      [1],
    )
    assert.equal((await events().listUndelivered({ limit: 10 })).events.length, 2)
  })

  it('goes on in order behind an event that an operator drops, which the receiver never gets', async () => {
    const orderSn = await shop.confirmed()
    await shop.pay(orderSn)
    receiver.answer = ({ sequence }) => (Number(sequence) === 1 ? 422 : 204)
    await round()
    await shop.pay(orderSn, 300)
    await round()
    assert.deepEqual(receiver.firstOf(orderSn), [])
    assert.equal(await events().dropEvent({ orderSn, seq: 2 }, BY), false, 'it was not tried')
    assert.equal(await events().dropEvent({ orderSn, seq: 1 }, BY), true)
    while ((await round()).more);
    assert.deepEqual([receiver.firstOf(orderSn), (await events().listUndelivered({ limit: 10 })).events], [[2, 3], []])
    assert.equal(await events().dropEvent({ orderSn, seq: 1 }, BY), false, 'it is dropped')
  })

  it('takes 2xx alone for delivered: no redirect, no 410, no answer that does not come, no connection that breaks', async () => {
    const answers = [302, 410, 500, () => {}, (response: { destroy(): void }) => response.destroy()] as const
    const orders = await Promise.all(answers.map(() => shop.confirmed()))
    receiver.answer = ({ subject }) => answers[orders.indexOf(subject)] ?? 204
    assert.deepEqual(await round(), { delivered: 0, failed: 5, removed: 0, more: false })
    assert.equal(receiver.requests, 5)
    const errors = new Map(
      (await events().listUndelivered({ limit: 10 })).events.map(({ orderSn, lastError }) => [orderSn, lastError]),
    )
    assert.deepEqual(
      orders.slice(0, 4).map((orderSn) => errors.get(orderSn)),
      [302, 410, 500].map((status) => `the receiver answered ${status}`).concat('no answer within 5000 ms'),
    )
    assert.match(errors.get(orders[4] ?? '') ?? '', /^the receiver is not reached \(/)
  })

  it('reads no answer that never ends', async () => {
    await shop.confirmed()
    let isCut = false
    receiver.answer = () => (response) => {
      response.on('close', () => {
        isCut = true
      })
      response.writeHead(200)
      const more = () => {
        if (response.destroyed) return
        response.write('x'.repeat(32_768))
        setImmediate(more)
      }
      more()
    }
    assert.equal((await round()).delivered, 1)
    while (!isCut) await new Promise(setImmediate)
  })

  it('tries later each time, gives up after three days, goes on behind it, and sends again what an operator asks for', async () => {
    const orderSn = await shop.confirmed()
    await shop.pay(orderSn)
    receiver.answer = ({ sequence }) => (Number(sequence) === 1 ? 500 : 204)
    const pauses: number[] = []
    for (let attempt = 0; attempt < 15; attempt++) {
      await round()
      const { rows } = await sql<{ pause: number }>`
        select extract(epoch from try_at - now())::float8 as pause from event_retries where seq = 1`.execute(shop.db)
      pauses.push(rows[0]?.pause ?? 0)
      await sql`update event_retries set try_at = now() where seq = 1`.execute(shop.db)
    }
    assert.ok((pauses[0] ?? 9) <= 5)
    assert.ok(
      pauses.every((pause, i) => i === 0 || pause >= (pauses[i - 1] ?? 0) - 30) && pauses.every((pause) => pause <= 3_600),
    )
    assert.ok((pauses.at(-1) ?? 0) > 3_000, String(pauses))
    assert.deepEqual(receiver.firstOf(orderSn), [])
    assert.equal((await events().eventLag()).givenUp, 0)
    await sql`update event_retries set since = now() - interval '73 hours', try_at = now() where seq = 1`.execute(shop.db)
    await untilDone()
    assert.deepEqual(receiver.firstOf(orderSn), [2])
    assert.equal(outcomes.filter((one) => one === 'given_up').length, 1)
    assert.equal((await events().eventLag()).givenUp, 1)
    assert.ok((await events().listUndelivered({ limit: 10 })).events[0]?.givenUpAt)

    receiver.answer = () => 204
    assert.equal(await events().sendAgain({ kind: 'one', orderSn, seq: 9 }, BY), 0, 'there is no such event')
    assert.equal(await events().sendAgain({ kind: 'givenUp' }, BY), 1)
    await untilDone()
    assert.equal(await events().sendAgain({ kind: 'one', orderSn, seq: 2 }, BY), 1, 'it was delivered, and is sent again')
    await untilDone()
    assert.deepEqual(
      receiver.taken.map(({ sequence }) => Number(sequence)),
      [2, 1, 2],
    )
    const audit = await shop.db.selectFrom('order_audit').selectAll().where('verb', '=', 'send').orderBy('id').execute()
    assert.deepEqual(
      audit.map(({ order_sn, by, why }) => [order_sn, by, why]),
      [
        [orderSn, BY.by, `event 1: ${BY.why}`],
        [orderSn, BY.by, `event 2: ${BY.why}`],
      ],
    )
    const young = await shop.confirmed()
    assert.equal(await events().sendAgain({ kind: 'one', orderSn: young, seq: 1 }, BY), 0, 'the deliverer has not come to it')
  })

  it('loses nothing and turns nothing round between two deliverers at once whose receiver fails now and then', async () => {
    const orders = await Promise.all(Array.from({ length: 6 }, () => shop.confirmed()))
    let requests = 0
    receiver.answer = () => (requests++ % 3 === 0 ? 500 : 204)
    for (let n = 0; n < 6; n++) {
      await Promise.all([...orders.map((orderSn) => shop.pay(orderSn)), round(), round()])
      await dueNow()
    }
    receiver.answer = () => 204
    await untilDone()
    for (const orderSn of orders) assert.deepEqual(receiver.firstOf(orderSn), [1, 2, 3, 4, 5, 6, 7])
  })

  it('is moved on by the faster one of two deliverers of a page: what the slower one says of it counts for nothing', async () => {
    const orderSn = await shop.confirmed()
    const { from, events: page } = await events().undeliveredEvents(10)
    const to = page.at(-1)?.place ?? assert.fail('no event')
    assert.equal(await events().passEvents(from, to, []), true)
    await shop.confirmed()
    await round()
    const behind = (await events().undeliveredEvents(10)).from
    assert.equal(await events().passEvents(from, to, [{ orderSn, seq: 1, error: 'too late' }]), false)
    assert.deepEqual((await events().undeliveredEvents(10)).from, behind)
    assert.deepEqual((await events().listUndelivered({ limit: 10 })).events, [])
  })

  it('begins anew at its page if it dies before the end of it', async () => {
    const orderSn = await shop.confirmed()
    const dying = { ...events(), passEvents: async () => Promise.reject(new Error('killed')) }
    await assert.rejects(round(dying))
    await shop.pay(orderSn)
    await round()
    assert.deepEqual(
      receiver.taken.map(({ id }) => id),
      [1, 1, 2].map((seq) => `${orderSn}/${seq}`),
    )
  })

  it('removes old events once they are delivered, and keeps what waits or was given up', async () => {
    const [delivered, bad, fresh] = [await shop.confirmed(), await shop.confirmed(), await shop.confirmed()]
    receiver.answer = ({ subject }) => (subject === bad ? 500 : 204)
    assert.equal(await removed(), 0)
    await round()
    const late = await shop.confirmed()
    await sql`update order_events set at = now() - interval '8 days' where aggregateid <> ${fresh}`.execute(shop.db)
    assert.equal(await removed(), 1)
    const left = await shop.db.selectFrom('order_events').select('aggregateid').execute()
    assert.deepEqual(left.map((row) => row.aggregateid).sort(), [bad, fresh, late].sort())
    assert.ok(delivered)
    // Without a webhook age decides alone.
    assert.equal(await events().removeEvents({ keepMs: 604_800_000, atMost: 1, toWebhook: false }), 1)
    assert.equal(await events().removeEvents({ keepMs: 604_800_000, atMost: 10, toWebhook: false }), 1)
  })

  it('has a lag: of what no reader may see yet, of what the webhook does not have', async () => {
    const slow = await shop.begin()
    await shop.confirmed()
    await sql`update order_events set at = now() - interval '1 minute'`.execute(shop.db)
    const held = await events().eventLag()
    assert.ok(held.feedSeconds >= 59 && held.webhookSeconds >= 59)
    await slow.commit()
    const open = await events().eventLag()
    assert.ok(open.feedSeconds === 0 && open.webhookSeconds >= 59)
    await round()
    assert.deepEqual(await events().eventLag(), { feedSeconds: 0, webhookSeconds: 0, givenUp: 0 })
    receiver.answer = () => 500
    await shop.confirmed()
    await round()
    await sql`update event_retries set since = now() - interval '1 minute'`.execute(shop.db)
    assert.ok((await events().eventLag()).webhookSeconds >= 59)
  })

  const events = () => eventStore(shop.db)
  const removed = () => events().removeEvents({ keepMs: 604_800_000, atMost: 1_000, toWebhook: true })

  async function round(store: Omit<EventDeps['events'], 'removeEvents'> = events()): Promise<EventRound> {
    const webhook = new WebhookClient(receiver.url, SECRET)
    const { deliverEventRound } = eventActivities({
      events: { ...store, removeEvents: async () => 0 },
      post: (event, signal) => webhook.post(event.id, event, signal),
      onDelivery: (outcome) => outcomes.push(outcome),
    })
    return (await new MockActivityEnvironment().run(deliverEventRound)) as EventRound
  }

  /** Calls rounds until one has nothing more to do. */
  async function untilDone(): Promise<void> {
    while ((await round()).more) await dueNow()
  }

  async function dueNow(): Promise<void> {
    await sql`update event_retries set try_at = now()`.execute(shop.db)
  }
})
