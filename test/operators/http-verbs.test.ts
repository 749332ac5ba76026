import assert from 'node:assert/strict'
import type { Client } from '@temporalio/client'
import { sql } from 'kysely'
import { ANYBODY, type Caller } from '../../contracts/caller.ts'
import { failure } from '../../contracts/failures.ts'
import type { OrderSn } from '../../contracts/order.ts'
import { unauthenticated } from '../../identity/bearer.ts'
import { askServer } from '../../operators/ask-server.ts'
import { carryOut } from '../../operators/carry-out.ts'
import { createProgram, type Perform } from '../../operators/program.ts'
import { Refused } from '../../operators/refused.ts'
import type { Outcome } from '../../operators/verb.ts'
import { VERBS } from '../../operators/verbs.ts'
import { readAudit } from '../../store/audit.ts'
import { eventStore } from '../../store/events/event-store.ts'
import { newestPlace } from '../../store/events/read-events.ts'
import { appOf } from '../api/parts.ts'
import { Shop } from '../reconciliation/shop.ts'
import { operatorDeps } from './operator-deps.ts'

const CALLERS: Record<string, Caller> = {
  customer: { kind: 'customer', subject: '7', userId: 7 },
  shop: { kind: 'service', subject: 'shop', scopes: new Set(['orders:any']) },
  support: { kind: 'service', subject: 'support', scopes: new Set(['orders:support']) },
  ada: { kind: 'service', subject: 'ada@shop.example', scopes: new Set(['orders:operate']) },
}
const LINES = [{ goodsId: 1, num: 2 }]

/** A Temporal server that is away, and says so at once and in the same words each time. */
const AWAY = {
  options: { namespace: 'default', loadedDataConverter: { payloadCodecs: [] } },
  workflowService: Object.fromEntries(
    ['describeWorkflowExecution', 'listWorkflowExecutions', 'getWorkflowExecutionHistory'].map((name) => [
      name,
      () => Promise.reject(new Error('Temporal is away')),
    ]),
  ),
} as unknown as Client

/** One page of any list. */
interface Page {
  orders?: { orderSn: string }[]
  payments?: { provider: string; paymentId: string }[]
  events?: { orderSn: string; seq: number }[]
  next?: string
}
const WHY = 'the warehouse has it packed'

describe('the verbs of operators over HTTP', () => {
  let shop: Shop
  before(async () => {
    shop = await Shop.open()
    await shop.damageLedger('insert into inventory.stocks values (1, 1000) on conflict (goods_id) do update set num = 1000')
  })
  after(() => shop.close())

  async function served(changes: Parameters<typeof appOf>[0] = {}, client?: Client) {
    const operator = {
      verbs: Object.values(VERBS),
      perform: (asked: Parameters<typeof carryOut>[1] & { by: string }) => carryOut(operatorDeps(shop, client), asked, asked.by),
    }
    return await appOf({ operator, ...changes })
  }
  const authenticate = ({ authorization: [header = ''] }: { authorization: readonly string[] }) => {
    const caller = CALLERS[header.replace('Bearer ', '')]
    if (!caller) throw unauthenticated('no token was sent')
    return caller
  }

  it('are for whoever has the scope orders:operate, and for nobody else, each of them', async () => {
    let asked = 0
    const perform = async () => {
      asked++
      throw new Refused('it was asked')
    }
    const { app } = await served({ authenticate, operator: { verbs: Object.values(VERBS), perform } })
    const routes = Object.values(VERBS).flatMap(({ path, ...verb }) => (path === undefined ? [] : { ...verb, path }))
    for (const { method, path } of routes) {
      const url = path.replace(':orderSn', 'A'.repeat(16))
      const payload = { userId: 7, key: 'k', event: 'A/1', payment: 'pay/1', verdict: 'sold' }
      const only = Object.fromEntries(
        Object.entries(payload).filter(([name]) =>
          Object.values(VERBS).find((one) => one.path === path && one.method === method && name in one.fields),
        ),
      )
      const found: number[] = []
      for (const token of ['', ...Object.keys(CALLERS)]) {
        const headers = token ? { authorization: `Bearer ${token}` } : {}
        const answer = await app.inject({ method, url, headers, ...(method === 'POST' && { payload: only }) })
        found.push(answer.statusCode)
        assert.equal(answer.headers['cache-control'], 'no-store')
      }
      assert.deepEqual(found, [401, 403, 403, 403, 409], `${method} ${path}`)
    }
    assert.equal(asked, routes.length)
  })

  it('are not open to whom a gateway lets through: nobody is an operator by that', async () => {
    const { app, inner, stop } = await served({
      authenticate: () => ANYBODY,
      isInsidePublic: false,
      hosts: { names: [], forAll: false },
    })
    assert.equal((await app.inject('/operator/refunds')).statusCode, 404)
    const at = await inner.listen(app, { host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${at}/operator/refunds`)
    assert.deepEqual([answer.status, ((await answer.json()) as Outcome).well], [200, true])
    await stop()
  })

  it('leave the same trail as on this machine, but for who asked, and print the same', async () => {
    const { app } = await served({ authenticate })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const here: Perform = async (asked) => await carryOut(operatorDeps(shop), asked)
    const there: Perform = async (asked) => await askServer({ url, token: 'ada' }, asked)
    try {
      for (const of of [refunded, resold, notSold, kept, dropped, sentAgain]) {
        const direct = await of()
        const printedHere = await run(here, [...direct.args, '--by', 'Ada', '--why', WHY])
        const remote = await of()
        const printedThere = await run(there, [...remote.args, '--why', WHY])
        assert.equal(plain(printedThere.text), plain(printedHere.text), of.name)
        const trailOf = async (orderSn: string) =>
          (await readAudit(shop.db, orderSn)).map(({ verb, why, before, after }) => [verb, plain(why), before, after])
        assert.deepEqual(await trailOf(remote.orderSn), await trailOf(direct.orderSn), of.name)
        assert.deepEqual(
          [(await readAudit(shop.db, direct.orderSn)).at(-1)?.by, (await readAudit(shop.db, remote.orderSn)).at(-1)?.by],
          ['Ada', 'ada@shop.example'],
        )
      }
      const baseline = ['reconcile', '--baseline', '--goods', '1']
      assert.equal(plain((await run(there, baseline)).text), plain((await run(here, baseline)).text))
    } finally {
      await app.close()
    }
  })

  it('list page by page, over HTTP as on this machine, and each row once, also of one moment', async () => {
    const { app } = await served({ authenticate }, AWAY)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    for (const of of [inDoubt, refunded, undelivered]) for (let i = 0; i < 3; i++) await of()
    await sql`update orders set updated_at = '2030-01-01' where stock_state = 'in_doubt' or status = 'CREATING'`.execute(shop.db)
    await sql`update payments set received_at = '2030-01-01'`.execute(shop.db)
    await sql`update event_retries set since = '2030-01-01'`.execute(shop.db)
    await sql`update event_retries set given_up_at = '2030-01-01' where aggregateid = (select min(aggregateid) from event_retries)`.execute(
      shop.db,
    )
    const here: Perform = async (asked) => await carryOut(operatorDeps(shop, AWAY), asked)
    const there: Perform = async (asked) => await askServer({ url, token: 'ada' }, asked)
    try {
      for (const [verb, rowsOf] of PAGED) {
        const whole = await page(here, [verb])
        assert.ok(rowsOf(whole).length > 2 && whole.next === undefined, verb)
        assert.equal(plain((await run(there, [verb])).text), plain((await run(here, [verb])).text), verb)
        assert.match((await run(there, [verb, '--limit', '1'])).text, /\n\nthere are more: --after \S+$/)
        for (const perform of [here, there]) assert.deepEqual(await walked(perform, verb, rowsOf), rowsOf(whole), verb)
      }
    } finally {
      await app.close()
    }
  })

  it('take no place that no page named, nor a page that is too long', async () => {
    const { app } = await served()
    for (const path of ['/operator/orders', '/operator/refunds', '/operator/events']) {
      for (const place of ['', 'x', base64('{}'), base64('[]'), base64('[true,"1","A\\u0000"]'), base64('["1","p","\\u0000"]')]) {
        const answer = await app.inject(`${path}?after=${place}`)
        assert.deepEqual([answer.statusCode, answer.json().fields?.[0]?.field], [400, 'after'], `${path} ${place}`)
      }
      for (const limit of ['0', '1001', 'x']) assert.equal((await app.inject(`${path}?limit=${limit}`)).statusCode, 400)
    }
    await app.close()
    for (const given of [
      ['--after', 'x'],
      ['--limit', '0'],
      ['--limit', '1001'],
    ]) {
      const program = createProgram(
        async () => assert.fail('it is asked'),
        () => {},
      )
      for (const one of [program, ...program.commands]) one.exitOverride().configureOutput({ writeErr: () => {} })
      await assert.rejects(program.parseAsync(['refunds', ...given], { from: 'user' }), /It must be/)
    }
  })

  it('answer over HTTP all that they find here, as their schemas say', async () => {
    const { app } = await served({ authenticate }, AWAY)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const { orderSn } = await refunded()
    const doubted = await inDoubt()
    try {
      for (const args of [
        ['list'],
        ['show', orderSn],
        ['show', doubted],
        ['refunds'],
        ['events'],
        ['resolve', '--proposed'],
        ['reconcile'],
      ]) {
        const json = [...args, '--json']
        const here = await run(async (asked) => await carryOut(operatorDeps(shop, AWAY), asked), json)
        const there = await run(async (asked) => await askServer({ url, token: 'ada' }, asked), json)
        assert.deepEqual(ofAnyMoment(there.text), ofAnyMoment(here.text), args.join(' '))
      }
    } finally {
      await app.close()
    }
  })

  it('refuse as on this machine, and take no name beside a token', async () => {
    const { app } = await served({ authenticate })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const there: Perform = async (asked) => await askServer({ url, token: 'ada' }, asked)
    const settled = await shop.returned(LINES)
    const NONE = 'A'.repeat(16)
    try {
      await assert.rejects(run(there, ['retry', settled, '--why', WHY]), /is settled .*nothing to retry/)
      await assert.rejects(run(there, ['show', NONE]), { name: 'Refused' })
      const open = await shop.opened(LINES)
      await assert.rejects(run(there, ['retry', open]), /503 ServiceUnavailable: a party that this verb asks/, 'Temporal is away')
      await assert.rejects(run(there, ['refunded', 'pay/none', '--why', WHY]), { name: 'Refused' })
      await assert.rejects(run(there, ['retry', settled, '--by', 'Eve']), /by must be left out: the token says who it is/)
      await assert.rejects(run(there, ['erase', '--user', '7', '--why', WHY]), /no starter does this: leave --server out/)
      await assert.rejects(askServer({ url, token: 'shop' }, { verb: VERBS.list, given: {}, why: '' }), /403 Forbidden/)
      await assert.rejects(askServer({ url }, { verb: VERBS.list, given: {}, why: '' }), /401 Unauthenticated/)
      await assert.rejects(
        carryOut(operatorDeps(shop), { verb: VERBS.list, given: {}, by: 'Eve', why: '' }, 'ada'),
        /leave --by out/,
      )
    } finally {
      await app.close()
    }
  })

  it('send a token over no plain link to another machine', async () => {
    for (const server of ['http://shop.example', 'ftp://127.0.0.1', 'shop.example']) {
      const program = createProgram(
        async () => assert.fail('it is asked'),
        () => {},
      )
      program.exitOverride().configureOutput({ writeErr: () => {} })
      await assert.rejects(program.parseAsync(['--server', server, 'list'], { from: 'user' }), /https address/)
    }
  })

  /** @returns what the command line prints, and whether all is well */
  async function run(perform: Perform, args: string[]): Promise<Outcome> {
    let outcome: Outcome | undefined
    await createProgram(perform, (shown) => {
      outcome = shown
    }).parseAsync(args, { from: 'user' })
    return outcome ?? assert.fail()
  }

  const PAGED: [string, (page: Page) => string[]][] = [
    ['list', ({ orders = [] }) => orders.map(({ orderSn }) => orderSn)],
    ['refunds', ({ payments = [] }) => payments.map(({ provider, paymentId }) => `${provider}/${paymentId}`)],
    ['events', ({ events = [] }) => events.map(({ orderSn, seq }) => `${orderSn}/${seq}`)],
  ]
  /** @returns the rows of all pages, two rows each */
  async function walked(perform: Perform, verb: string, rowsOf: (page: Page) => string[]): Promise<string[]> {
    const met: string[] = []
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const one = await page(perform, [verb, '--limit', '2', ...(after === undefined ? [] : ['--after', after])])
      assert.ok(rowsOf(one).length <= 2, verb)
      met.push(...rowsOf(one))
      after = one.next
    }
    return met
  }
  async function page(perform: Perform, args: string[]): Promise<Page> {
    return JSON.parse((await run(perform, [...args, '--json'])).text)
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64url')

  /** An answer for machines, without the time that has passed. */
  function ofAnyMoment(text: string): unknown {
    return JSON.parse(text, (name, value) => (name === 'idleSeconds' ? typeof value : value))
  }

  /** A text without what is of one order, or of one moment. */
  const plain = (text: string) => text.replaceAll(/\b[A-Z2-7]{16}\b|\d+/g, '…').replaceAll(/ +/g, ' ')

  let payments = 0
  async function refunded() {
    const orderSn = await shop.confirmed(LINES)
    const paymentId = String(++payments)
    const amount = { amount: 1, currency: 'CNY' }
    await shop.orders.recordPayment(orderSn, { provider: 'pay', paymentId, amount, paidAt: '2030-01-01T00:00:00.000Z' })
    return { orderSn, args: ['refunded', `pay/${paymentId}`] }
  }

  async function inDoubt(): Promise<OrderSn> {
    const orderSn = await shop.opened(LINES)
    await shop.db
      .updateTable('orders')
      .set({ status: 'IN_DOUBT', stock_state: 'in_doubt', lines: JSON.stringify(LINES) as never })
      .where('order_sn', '=', orderSn)
      .execute()
    return orderSn
  }
  async function notSold() {
    const orderSn = await inDoubt()
    return { orderSn, args: ['resolve', orderSn, '--not-sold'] }
  }
  async function kept() {
    const orderSn = await inDoubt()
    return { orderSn, args: ['resolve', orderSn, '--sold', '--keep'] }
  }

  /** An order whose last event the webhook does not take. */
  async function undelivered() {
    const orderSn = await shop.opened(LINES)
    await shop.orders.voidOrders([{ orderSn, refusal: failure('OrderCancelled', 'for a test') }])
    const events = eventStore(shop.db)
    const { from } = await events.undeliveredEvents(1)
    await events.passEvents(from, await newestPlace(shop.db), [{ orderSn, seq: 1, error: 'the receiver answered 500' }])
    return orderSn
  }
  async function dropped() {
    const orderSn = await undelivered()
    return { orderSn, args: ['events', '--drop', `${orderSn}/1`] }
  }
  async function sentAgain() {
    const orderSn = await undelivered()
    return { orderSn, args: ['events', '--again', `${orderSn}/1`] }
  }

  /** A standing order whose sale the ledger lost. */
  async function resold() {
    const orderSn = await shop.confirmed(LINES)
    await shop.damageLedger(`delete from inventory.sales where order_sn = '${orderSn}'`)
    return { orderSn, args: ['reconcile', '--apply'] }
  }
})
