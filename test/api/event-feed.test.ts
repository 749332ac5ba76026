import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventPlace } from '../../store/events/read-events.ts'
import { newestPlace, readEvents } from '../../store/events/read-events.ts'
import { until } from '../e2e/faults/until.ts'
import { EventShop } from '../support/event-shop.ts'
import { appOf } from './parts.ts'

interface Page {
  events: { id: string }[]
  next: string
}

describe('GET /events', () => {
  let shop: EventShop
  let app: Awaited<ReturnType<typeof appOf>>
  let looks = 0
  let reads = 0

  beforeEach(async () => {
    shop = await EventShop.open()
    ;[looks, reads] = [0, 0]
    app = await appOf({
      events: {
        readEvents(after: EventPlace, limit: number) {
          reads++
          return readEvents(shop.db, after, limit)
        },
        newestPlace() {
          looks++
          return newestPlace(shop.db)
        },
      },
    })
  })
  afterEach(async () => {
    await app.stop()
    await shop.close()
  })

  it('answers page by page, each with the place to go on from, an empty one included', async () => {
    const empty = await page('')
    assert.deepEqual(empty.events, [])
    const [first, second] = [await shop.confirmed(), await shop.confirmed()]
    await shop.pay(first, 300)
    const one = await page(`after=${empty.next}&limit=2`)
    assert.deepEqual(ids(one), [`${first}/1`, `${second}/1`])
    const two = await page(`after=${one.next}&limit=2`)
    assert.deepEqual(ids(two), [`${first}/2`])
    const none = await page(`after=${two.next}`)
    assert.deepEqual([none.events, none.next], [[], two.next])
    assert.deepEqual(ids(await page('limit=1000')).length, 3)
  })

  it('refuses what is no parameter of it, is there twice or out of range, and names it', async () => {
    const { next } = await page('')
    for (const [query, field] of [
      ...[
        ['limit=0', 'limit'],
        ['limit=1001', 'limit'],
        ['limit=1.5', 'limit'],
        ['limit=', 'limit'],
        ['wait=61', 'wait'],
        ['wait=-1', 'wait'],
      ],
      ...[
        ['from=1', 'from'],
        ['limit=1&limit=2', 'limit'],
        ['after=1', 'after'],
        [`after=${next}x`, 'after'],
        [`after=${next}&after=${next}`, 'after'],
      ],
    ]) {
      const answer = await app.app.inject(`/events?${query}`)
      assert.equal(answer.statusCode, 400, query)
      assert.deepEqual(
        answer.json().fields.map((one: { field: string }) => one.field),
        [field],
        query,
      )
    }
    const elsewhere = Buffer.from('999999999999.1').toString('base64url')
    const ahead = await app.app.inject(`/events?after=${elsewhere}&wait=60`)
    assert.match(ahead.body, /"after".*place that this database has not come to/)
  })

  it('waits for an event, by one look for all who wait, and one statement for those at the same place', async () => {
    const { next } = await page('')
    ;[looks, reads] = [0, 0]
    const waiting = Array.from({ length: 20 }, () => page(`after=${next}&wait=60`))
    await until('it has looked twice', () => assert.ok(looks >= 2, `${looks} looks`))
    assert.equal(reads, 1)
    const before = looks
    const orderSn = await shop.confirmed()
    for (const answer of await Promise.all(waiting)) assert.deepEqual(ids(answer), [`${orderSn}/1`])
    assert.equal(reads, 2)
    assert.ok(looks - before < 20)
    const ended = looks
    await sleep(500)
    assert.ok(looks <= ended + 1, 'nobody waits, and nobody looks')
  })

  it('answers without one when the wait is over', async () => {
    const { next } = await page('')
    assert.deepEqual(await page(`after=${next}&wait=1`), { events: [], next })
  })

  it('ends the wait of a client that goes, and all waits when the starter drains', async () => {
    const base = await app.app.listen({ host: '127.0.0.1', port: 0 })
    const { next } = await page('')
    const gone = new AbortController()
    const client = fetch(`${base}/events?after=${next}&wait=60`, { signal: gone.signal }).catch(() => 'gone')
    await until('it waits', () => assert.ok(looks > 0))
    gone.abort()
    assert.equal(await client, 'gone')
    await until('nobody looks for it', async () => {
      const before = looks
      await sleep(600)
      assert.equal(looks, before)
    })
    const before = looks
    const other = fetch(`${base}/events?after=${next}&wait=60`)
    await until('the other waits', () => assert.ok(looks > before))
    await app.stop()
    assert.deepEqual(await (await other).json(), { events: [], next })
  })

  it('is not cut off while it waits, though a connection may not stand still for as long', async () => {
    await app.stop()
    app = await appOf({
      stillMs: 500,
      events: { readEvents: (after, limit) => readEvents(shop.db, after, limit), newestPlace: () => newestPlace(shop.db) },
    })
    const base = await app.app.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${base}/events?wait=3`)
    assert.equal(answer.status, 200)
    assert.deepEqual(((await answer.json()) as Page).events, [])
  })

  async function page(query: string): Promise<Page> {
    const answer = await app.app.inject(`/events?${query}`)
    assert.equal(answer.statusCode, 200, answer.body)
    return answer.json()
  }

  function ids({ events }: Page): string[] {
    return events.map(({ id }) => id)
  }
})
