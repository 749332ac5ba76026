import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createOrderWorkflowId, TASK_QUEUE, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import type { Line, OrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { until } from './faults/until.ts'
import { runOrders } from './run-orders.ts'
import { call, freshUser, orderOf } from './shop.ts'
import { StockEquation } from './stock.ts'

const PROJECT = join(import.meta.dirname, '../..')
const GOODS_ID = 53
const LINES: Line[] = [{ goodsId: GOODS_ID, num: 2 }]
/** No order number: no run of ours can settle it, and no verb can name it. */
const NO_NUMBER = 'not-an-order-number'

describe('what any client of the namespace can leave behind', () => {
  let stack: TestStack
  let equation: StockEquation
  let cli: string

  before(async () => {
    stack = await testStack()
    equation = await StockEquation.of(stack, [GOODS_ID])
    cli = await findTemporalCli({ log: () => {} })
  })
  afterEach(() => stack.startPart('inventory'))

  /** The Temporal CLI, as anybody has it. */
  function temporal(...args: string[]): Promise<{ status: number; out: string }> {
    return new Promise((resolve) => {
      execFile(cli, args, { cwd: PROJECT, env: stack.env }, (error, out, err) =>
        resolve({ status: error ? Number(error.code ?? -1) : 0, out: out + err }),
      )
    })
  }

  async function rowOf(orderSn: string) {
    const row = await stack.db
      .selectFrom('orders')
      .select(['status', 'stock_state as stockState'])
      .where('order_sn', '=', orderSn)
      .executeTakeFirst()
    return row && [row.status, row.stockState]
  }

  /** Opened, its Sell never answered, its run still there. The inventory is stopped. */
  async function stuckInSell() {
    await stack.stopPart('inventory')
    const request = { ...orderOf(freshUser(), LINES), requestId: randomUUID() }
    const run = await stack.client.workflow.start(WORKFLOW_TYPES.createOrder, {
      workflowId: createOrderWorkflowId(orderSnOf(request)),
      taskQueue: TASK_QUEUE,
      args: [request],
    })
    const orderSn = orderSnOf(request)
    await until('it is open', async () => assert.deepEqual(await rowOf(orderSn), ['CREATING', 'selling']))
    return { run, orderSn, userId: request.userId }
  }

  async function leftAlone(reason: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${stack.ports.workerMetrics}/metrics`)).text()
    return Number(new RegExp(`^sweep_left_alone_total{reason="${reason}"} (\\d+)$`, 'm').exec(text)?.[1])
  }

  async function orders(userId: number): Promise<number> {
    const { status } = await call(`${stack.httpUrl}/orders`, {
      method: 'POST',
      key: randomUUID(),
      body: orderOf(userId, LINES),
    })
    return status
  }

  describe('an openOrder that no workflow asked for', () => {
    it('leaves no row', async () => {
      const request = { ...orderOf(freshUser(), LINES), requestId: randomUUID() }
      const { status, out } = await temporal(
        ...['activity', 'execute', '--type', 'openOrder', '--task-queue', TASK_QUEUE, '--activity-id', `open-${randomUUID()}`],
        ...['--start-to-close-timeout', '10s', '--input', JSON.stringify(request)],
      )
      assert.notEqual(status, 0)
      assert.match(out, /must be a step of a workflow: start createOrder instead/)
      assert.equal(await rowOf(orderSnOf(request)), undefined)
    })

    describe('and that left a row, by a build that took it', () => {
      let orphan: OrderSn
      let left: OrderSn

      before(async () => {
        // One more of a number that is none, for which there is nothing to be done.
        const unsettled = [await stuckInSell(), await stuckInSell()]
        ;[orphan, left] = unsettled.map(({ orderSn }) => orderSn) as [OrderSn, OrderSn]
        for (const { run } of unsettled) await run.terminate('by hand')
        await stack.db.updateTable('orders').set({ workflow_id: '' }).where('order_sn', '=', orphan).execute()
        await stack.db
          .insertInto('orders')
          .columns(['order_sn', 'user_id', 'request_id', 'fingerprint', 'from_cart', 'workflow_id', 'status', 'stock_state'])
          .expression((the) =>
            the
              .selectFrom('orders')
              .select((of) => [
                of.val(NO_NUMBER).as('order_sn'),
                of.val(freshUser()).as('user_id'),
                'request_id',
                'fingerprint',
                'from_cart',
                of.val('').as('workflow_id'),
                of.val('CREATING' as const).as('status'),
                of.val('selling' as const).as('stock_state'),
              ])
              .where('order_sn', '=', orphan),
          )
          .execute()
      })
      const removeIt = () => stack.db.deleteFrom('orders').where('order_sn', '=', NO_NUMBER).execute()
      after(removeIt)

      it('is named by list and reconcile, and counted by the metric', async () => {
        const before = await leftAlone('unaskable')
        await until('a sweep leaves it alone', async () => assert.ok((await leftAlone('unaskable')) > before))
        const list = await runOrders(stack.env, ['list'])
        assert.equal(list.status, 0, list.err)
        assert.match(list.out, new RegExp(`${NO_NUMBER} .*cannot be asked about .its number is none`))
        await stack.startPart('inventory')
        const reconciled = await runOrders(stack.env, ['reconcile'])
        assert.equal(reconciled.status, 1, reconciled.err)
        assert.match(reconciled.out, new RegExp(`${NO_NUMBER} +unaskable`))
        const shown = await runOrders(stack.env, ['show', NO_NUMBER])
        assert.deepEqual([shown.status, shown.err], [0, ''])
        const retried = await runOrders(stack.env, ['retry', NO_NUMBER])
        assert.equal(retried.status, 1)
        assert.match(retried.err, /its number is none/)
      })

      it('holds up neither the sweep of other orders, nor the verbs about them', async () => {
        await stack.startPart('inventory')
        for (const orderSn of [left, orphan]) {
          await until('it is settled', async () => assert.deepEqual(await rowOf(orderSn), ['TRADE_CLOSED', 'returned']))
          const shown = await runOrders(stack.env, ['show', orderSn])
          assert.match(shown.out, /TRADE_CLOSED, stock returned/)
        }
        const another = await stuckInSell()
        const retried = await runOrders(stack.env, ['retry', another.orderSn])
        assert.match(retried.out, /sell of run .* is tried again now/, retried.err)
        await stack.startPart('inventory')
        await until('it stands', async () => assert.deepEqual(await rowOf(another.orderSn), ['PAYING', 'sold']))
        await removeIt()
        await equation.assertHolds()
      })
    })
  })

  describe('a run under the Workflow Id of an order', () => {
    const nobodys = `nobody-${randomUUID()}`
    const NEIGHBOURS = {
      'that nobody takes up': { taskQueue: nobodys, asked: {} },
      'of another body that nobody takes up': { taskQueue: nobodys, asked: { lines: [{ goodsId: GOODS_ID, num: 9 }] } },
      'that is at the order of another user': { taskQueue: TASK_QUEUE, asked: { userId: freshUser() } },
    }

    it('does not keep it from being settled, nor its user from ordering: one that nobody takes up, or is at something else', async () => {
      await stack.stopPart('inventory')
      const met = await Promise.all(Object.values(NEIGHBOURS).map(meet))
      await Promise.all(
        met.map(({ orderSn }) => until('it is closed', async () => assert.equal((await rowOf(orderSn))?.[0], 'TRADE_CLOSED'))),
      )
      await stack.startPart('inventory')
      for (const { orderSn, userId, workflowId, taskQueue, answered } of met) {
        await until('it is settled', async () => assert.deepEqual(await rowOf(orderSn), ['TRADE_CLOSED', 'returned']))
        assert.equal(await orders(userId), 201)
        const run = stack.client.workflow.getHandle(workflowId)
        if (taskQueue === nobodys) await run.terminate('nobody takes it up')
        await run.result().catch(() => {})
        // Whatever became of that run, it was not the order's.
        assert.ok((await answered).status >= 202)
      }
      await equation.assertHolds()
    })

    /** An order that the lane hands over to a run of its own, whose Workflow Id is taken. */
    async function meet({ taskQueue, asked }: (typeof NEIGHBOURS)[keyof typeof NEIGHBOURS]) {
      const [userId, key] = [freshUser(), randomUUID()]
      const request = { ...orderOf(userId, LINES), requestId: key }
      const neighbour = { ...request, ...asked }
      const [orderSn, workflowId] = [orderSnOf(request), createOrderWorkflowId(orderSnOf(request))]
      const started = await temporal(
        ...['workflow', 'start', '--type', 'createOrder', '--task-queue', taskQueue, '--workflow-id', workflowId],
        ...['--input', JSON.stringify(neighbour)],
      )
      assert.equal(started.status, 0, started.out)
      if (taskQueue === TASK_QUEUE)
        await until('it is at its own order', async () => assert.equal((await rowOf(orderSnOf(neighbour)))?.[0], 'CREATING'))
      const answered = call(`${stack.httpUrl}/orders`, { method: 'POST', key, body: orderOf(userId, LINES) })
      await until('the lane has opened it', async () => assert.deepEqual(await rowOf(orderSn), ['CREATING', 'selling']))
      return { orderSn, userId, workflowId, taskQueue, answered }
    }
  })
})
