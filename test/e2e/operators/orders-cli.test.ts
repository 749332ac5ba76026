import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { createOrderWorkflowId, TASK_QUEUE, WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import type { Line } from '../../../contracts/order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import type { ReconciliationSummary } from '../../../contracts/reconciliation.ts'
import { readAudit } from '../../../store/audit.ts'
import { connectDatabase } from '../../../store/database.ts'
import { ageOrders } from '../../support/age-orders.ts'
import { PATIENT_STORE } from '../../support/postgres.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { until } from '../faults/until.ts'
import { runOrders } from '../run-orders.ts'
import { call, freshUser, orderOf, RECIPIENT } from '../shop.ts'

const LINES: Line[] = [
  { goodsId: 51, num: 2 },
  { goodsId: 52, num: 1 },
]

describe('npm run orders', () => {
  let stack: TestStack
  /** Everything that any verb printed. */
  let printed = ''

  before(async () => {
    stack = await testStack()
    // What it would settle within seconds is to be found by hand here.
    await stack.client.schedule.getHandle('sweep-orders').pause()
  })
  after(() => stack.client.schedule.getHandle('sweep-orders').unpause())

  /** Runs it as an operator does. */
  async function orders(...args: string[]): Promise<{ status: number; out: string; err: string }> {
    return await run(stack.env, args)
  }

  async function run(env: NodeJS.ProcessEnv, args: string[]) {
    const ended = await runOrders(env, args)
    printed += ended.out + ended.err
    return ended
  }

  async function start() {
    const key = { userId: freshUser(), requestId: `cli-${Date.now()}` }
    const input = { ...orderOf(key.userId, LINES), requestId: key.requestId }
    const workflowId = createOrderWorkflowId(orderSnOf(key))
    const handle = await stack.client.workflow.start(WORKFLOW_TYPES.createOrder, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [input],
    })
    return { handle, orderSn: orderSnOf(key), workflowId }
  }

  async function confirmed(): Promise<string> {
    const { handle, orderSn } = await start()
    await handle.result()
    return orderSn
  }

  async function rowOf(orderSn: string) {
    return await stack.db
      .selectFrom('orders')
      .select(['status', 'stock_state as stockState'])
      .where('order_sn', '=', orderSn)
      .executeTakeFirstOrThrow()
  }

  async function auditOf(orderSn: string) {
    return (await readAudit(stack.db, orderSn)).map(({ at: _, orderSn: __, role: ___, ...entry }) => entry)
  }

  async function inInventory(statement: string): Promise<void> {
    const db = connectDatabase(stack.inventoryDatabaseUrl, PATIENT_STORE)
    await sql.raw(statement).execute(db)
    await db.destroy()
  }

  it('answers bad usage with status 2 and the right usage, and changes nothing', async () => {
    const orderSn = await confirmed()
    const wrong: [args: string[], told: RegExp][] = [
      [['mend'], /unknown command 'mend'/],
      [[], /Usage: orders/],
      [['show'], /missing required argument 'orderSn'/],
      [['resolve', orderSn, '--sold', '--by', 'Ada'], /--why/],
      [['resolve', orderSn, '--by', 'Ada', '--why', 'seen'], /'--sold' or '--not-sold'/],
      [['resolve', orderSn, '--sold', '--not-sold', '--by', 'Ada', '--why', 'seen'], /cannot be used with/],
      [['reconcile', '--goods', '5-1'], /list of goods ids/],
    ]
    const answers = await Promise.all(wrong.map(([args]) => orders(...args)))
    for (const [i, [args, told]] of wrong.entries()) {
      const { status, err, out } = answers[i] as (typeof answers)[number]
      assert.equal(status, 2, args.join(' '))
      assert.match(err, told)
      assert.equal(out, '')
    }
    const { DATABASE_URL: _, ...without } = stack.env
    const unconfigured = await run(without, ['list'])
    assert.equal(unconfigured.status, 2)
    assert.match(unconfigured.err, /DATABASE_URL is missing/)
    assert.equal((await orders('--help')).status, 0)
    assert.deepEqual(await auditOf(orderSn), [])
  })

  it('refuses what would be unsafe with status 1 and the reason, and leaves no trace of it', async () => {
    const orderSn = await confirmed()
    const refusals: [args: string[], why: RegExp][] = [
      [['retry', orderSn], /is settled \(PAYING, stock sold\)/],
      [['refunded', 'pay/none', '--by', 'Ada', '--why', 'seen'], /no payment pay\/none was reported/],
      [['resolve', orderSn, '--sold', '--by', 'Ada', '--why', 'seen'], /is not in doubt \(PAYING, stock sold\)/],
      [['show', 'NOSUCHORDER'], /the store has no order NOSUCHORDER/],
    ]
    const answers = await Promise.all(refusals.map(([args]) => orders(...args)))
    for (const [i, [args, why]] of refusals.entries()) {
      const { status, err } = answers[i] as (typeof answers)[number]
      assert.equal(status, 1, args.join(' '))
      assert.match(err, /^refused: /)
      assert.match(err, why)
    }
    assert.deepEqual(await rowOf(orderSn), { status: 'PAYING', stockState: 'sold' })
    assert.deepEqual(await auditOf(orderSn), [])
  })

  it('shows the saga of an order: steps, attempts, undo, stock, money and runs', async () => {
    const orderSn = await confirmed()
    const { status, out } = await orders('show', orderSn)
    assert.equal(status, 0)
    for (const line of [
      /openOrder +completed, 1 attempt, \d+ ms +order CREATING, its user locked +↩ voidOrder +not needed so far/,
      /sell +completed, 1 attempt, \d+ ms +stock less 2 × goods 51, 1 × goods 52 +↩ reback +not needed so far/,
      /confirmOrder +completed, 1 attempt, \d+ ms +\d+\.\d\d CNY due/,
      /stock +holds 2 × goods 51, 1 × goods 52/,
      /ledger +SOLD 2 × goods 51, 1 × goods 52/,
      /money +\d+\.\d\d CNY, to be paid until/,
      /run +createOrder create-order\/[A-Z2-7]{16}: completed\n +http:\/\//,
    ]) {
      assert.match(out, line)
    }
    const json = JSON.parse((await orders('show', orderSn, '--json')).out)
    assert.deepEqual([json.order.orderSn, json.order.status, json.ledger.state], [orderSn, 'PAYING', 'SOLD'])
  })

  it('shows an order that shared its run with others', async () => {
    const answer = await call(`${stack.httpUrl}/orders`, {
      method: 'POST',
      key: `cli-${Date.now()}`,
      body: orderOf(freshUser(), LINES),
    })
    assert.equal(answer.status, 201)
    const { out } = await orders('show', String(answer.body.orderSn))
    for (const line of [
      /openOrder +completed, 1 attempt, \d+ ms, shared with its batch +order CREATING/,
      /sell +completed, 1 attempt, \d+ ms, shared with its batch +stock less 2 × goods 51/,
      /confirmOrder +completed, 1 attempt, .* due/,
      /run +createOrders create-orders\/.*: completed/,
    ]) {
      assert.match(out, line)
    }
  })

  it('lists an order whose step goes on failing, tries it again on demand, cancels it, and records who did', async () => {
    // All of it has to fit the 30 s of an order: on a slow machine another order is tried.
    let orderSn: string | undefined
    for (let trial = 0; orderSn === undefined && trial < 5; trial++) orderSn = await retriedAndCancelled()
    assert.ok(orderSn, 'no order was cancelled before its time was over')
    await until('it is settled', async () =>
      assert.deepEqual(await rowOf(orderSn), { status: 'TRADE_CLOSED', stockState: 'returned' }),
    )
    const [retry, cancel, ...more] = await auditOf(orderSn)
    const creating = { status: 'CREATING', stockState: 'selling' }
    assert.deepEqual(retry, { verb: 'retry', by: 'Ada', why: 'the inventory is back soon', before: creating, after: creating })
    assert.deepEqual([cancel?.verb, cancel?.before, more], ['cancel', creating, []])
    const shown = (await orders('show', orderSn)).out
    assert.match(shown, /↩ reback +completed, \d+ attempts?/)
    assert.match(shown, /refused: OrderCancelled/)
    assert.match(shown, /cancel +Ada/)
    const again = await orders('cancel', orderSn)
    assert.deepEqual([again.status, /is closed already/.test(again.err)], [1, true])
  })

  /** Has an operator try an order again that is stuck at its Sell, and cancel it; `undefined` if its time was over before. */
  async function retriedAndCancelled(): Promise<string | undefined> {
    await stack.stopPart('inventory')
    const { orderSn, workflowId, handle } = await start()
    const isOver = async () => (await rowOf(orderSn)).status === 'TRADE_CLOSED'
    try {
      const isSeen = await until('it is listed as stuck, and shown with its attempts, or its time is over', async () => {
        if (await isOver().catch(() => false)) return false
        await ageOrders(stack.db, ({ eb }) => eb('order_sn', '=', orderSn))
        const [listed, shown] = await Promise.all([orders('list'), orders('show', orderSn)])
        assert.match(listed.out, new RegExp(`${orderSn} +stuck +CREATING.*${workflowId}`))
        assert.match(shown.out, /sell +under way, ([2-9]|\d\d) attempts/)
        return true
      })
      if (!isSeen) return undefined
      const retried = await orders('retry', orderSn, '--by', 'Ada', '--why', 'the inventory is back soon')
      if (await isOver()) return undefined
      assert.deepEqual([retried.status, retried.err], [0, ''])
      assert.match(retried.out, new RegExp(`sell of run ${workflowId} is tried again now`))
      const cancelling = orders('cancel', orderSn, '--by', 'Ada', '--why', 'the buyer asked')
      const isHeard = await until('its run hears of it, or its time is over', async () => {
        const { events } = await handle.fetchHistory()
        const heard = events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes)
        assert.ok(heard || (await isOver()))
        return heard
      })
      await stack.startPart('inventory')
      const cancelled = await cancelling
      if (!isHeard) return undefined
      assert.equal(cancelled.status, 0, cancelled.err)
      return orderSn
    } finally {
      await stack.startPart('inventory')
    }
  }

  it('settles an order that its run left, on demand', async () => {
    await stack.stopPart('inventory')
    const { orderSn, handle } = await start()
    try {
      await until('it is open', async () => assert.equal((await rowOf(orderSn)).status, 'CREATING'))
      await handle.terminate('by hand')
    } finally {
      await stack.startPart('inventory')
    }
    const cancelled = await orders('cancel', orderSn)
    assert.equal(cancelled.status, 1)
    assert.match(cancelled.err, /no run of it is open that could be cancelled: retry/)
    const retried = await orders('retry', orderSn, '--by', 'Ada')
    assert.match(retried.out, /settleOrder was started, order \w+ is TRADE_CLOSED, stock returned/)
    assert.deepEqual(await auditOf(orderSn), [
      {
        verb: 'retry',
        by: 'Ada',
        why: 'not given',
        before: { status: 'CREATING', stockState: 'selling' },
        after: { status: 'TRADE_CLOSED', stockState: 'returned' },
      },
    ])
  })

  for (const [verdict, stockState] of [
    ['--sold', 'returned'],
    ['--not-sold', 'none'],
  ] as const) {
    it(`resolves an order in doubt as ${verdict}, and nothing but that is done to it`, async () => {
      const orderSn = await doubtful()
      const listed = (await orders('list')).out
      assert.match(
        listed,
        new RegExp(`${orderSn} +in doubt +IN_DOUBT +in_doubt +\\d+ s +2 × goods 51, 1 × goods 52 .*resolve ${orderSn}`),
      )
      for (const verb of ['retry', 'cancel']) {
        const { status, err } = await orders(verb, orderSn)
        assert.equal(status, 1)
        assert.match(err, /is in doubt/)
      }
      const { status, err } = await orders('resolve', orderSn, verdict, '--by', 'Ada', '--why', 'asked the warehouse')
      assert.deepEqual([status, err], [0, ''])
      assert.deepEqual(await rowOf(orderSn), { status: 'TRADE_CLOSED', stockState })
      assert.deepEqual(
        (await auditOf(orderSn)).map(({ verb, by, why }) => [verb, by, /asked the warehouse$/.test(why)]),
        [['resolve', 'Ada', true]],
      )
    })
  }

  /** Makes an order as an inventory without keys leaves one: opened, its Sell never answered, its run over. */
  async function doubtful(): Promise<string> {
    await stack.stopPart('inventory')
    try {
      const { orderSn, handle } = await start()
      await until('it is open', async () => assert.equal((await rowOf(orderSn)).status, 'CREATING'))
      await handle.terminate('by hand')
      await stack.db
        .updateTable('orders')
        .set({ status: 'IN_DOUBT', stock_state: 'in_doubt' })
        .where('order_sn', '=', orderSn)
        .execute()
      return orderSn
    } finally {
      await stack.startPart('inventory')
    }
  }

  it('reconciles: names the damage with status 1, repairs it with --apply, and then explains everything', async () => {
    // A step that is still under way when its inventory comes back is none of our business here.
    await until('the stock stands still', async () => {
      const baseline = await orders('reconcile', '--baseline', '--goods', '51-53')
      assert.equal(baseline.status, 0, baseline.out)
    })
    const clean = await orders('reconcile')
    assert.equal(clean.status, 0, clean.out)
    assert.match(clean.out, /everything is explained/)

    const [lost, deleted] = [await confirmed(), await confirmed()]
    await inInventory(`delete from inventory.sales where order_sn = '${lost}'`)
    await inInventory(
      'update inventory.stocks set num = num + case goods_id when 51 then 2 else 1 end where goods_id in (51, 52)',
    )
    await stack.db.deleteFrom('order_lines').where('order_sn', '=', deleted).execute()
    await stack.db.deleteFrom('orders').where('order_sn', '=', deleted).execute()

    const damaged = await orders('reconcile')
    assert.equal(damaged.status, 1)
    assert.match(damaged.out, new RegExp(`${lost} +never-sold +51: -2, 52: -1 .*Sell, once by its number`))
    assert.match(damaged.out, new RegExp(`${deleted} +answered-without-order +51: \\+2, 52: \\+1 `))
    assert.match(damaged.out, /unexplained: 1 × never-sold \(3 pieces\), 1 × answered-without-order \(3 pieces\); --apply/)

    const applied = await orders('reconcile', '--apply', '--by', 'Ada', '--json')
    assert.equal(applied.status, 1, 'its buyer may have been told that it stands')
    const { findings, repaired } = JSON.parse(applied.out)
    assert.deepEqual(
      findings.map((finding: { orderSn: string; kind: string }) => [finding.orderSn, finding.kind]),
      [[deleted, 'answered-without-order']],
    )
    assert.deepEqual(repaired, [{ orderSn: lost, done: true, told: 'its stock is sold' }])

    const others = await orders('reconcile', '--apply', '--return-unknown', '--by', 'Ada')
    assert.equal(others.status, 1, 'it is none of those that nobody ever answered for')

    const all = await orders('reconcile', '--apply', '--return-answered', '--by', 'Ada')
    assert.equal(all.status, 0, all.out)
    assert.deepEqual(
      [await auditOf(lost), await auditOf(deleted)].map((trail) => trail.map(({ verb, by, why }) => [verb, by, why])),
      [[['reconcile', 'Ada', 'never-sold: not given']], [['reconcile', 'Ada', 'answered-without-order: not given']]],
    )
  })

  it('is not the only one that compares: a Schedule does, and the worker shows what came of it', async () => {
    const { action } = await stack.client.schedule.getHandle('reconcile-stock').describe()
    assert.equal(action.workflowType, WORKFLOW_TYPES.reconcileStock)
    const orderSn = await confirmed()
    await inInventory(`update inventory.sales set nums = '{2,4}' where order_sn = '${orderSn}'`)
    const options = { workflowId: `compare-${orderSn}`, taskQueue: TASK_QUEUE, args: [] }
    const summary: ReconciliationSummary = await stack.client.workflow.execute(WORKFLOW_TYPES.reconcileStock, options)
    assert.deepEqual(summary.unexplained['other-lines'], { units: 3, findings: 1 })
    assert.deepEqual(summary.orderSns, [orderSn])
    const metrics = await (await fetch(`http://127.0.0.1:${stack.ports.workerMetrics}/metrics`)).text()
    assert.match(metrics, /^inventory_unexplained_units\{kind="other-lines"\} 3$/m)
    assert.match(metrics, /^inventory_unexplained_units\{kind="abandoned"\} 0$/m)
    assert.match(metrics, /^orders_in_doubt 0$/m)
    assert.match(metrics, /^inventory_reconciliation_age_seconds \d/m)
    await inInventory(`update inventory.sales set nums = '{2,1}' where order_sn = '${orderSn}'`)
  })

  it('never prints a name, a phone number or an address', async () => {
    assert.ok(printed.length > 1_000)
    for (const secret of Object.values(RECIPIENT)) assert.ok(!printed.includes(secret), secret)
  })
})
