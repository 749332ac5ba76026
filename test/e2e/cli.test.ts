import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Client } from '@temporalio/client'
import { createDecodeApp } from '../../codec/decode-app.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { codecOver, keysFile } from '../support/payload-keys.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { until } from './faults/until.ts'
import { call, freshUser, orderOf, RECIPIENT } from './shop.ts'

const PROJECT = join(import.meta.dirname, '..', '..')

/** End of a command. */
interface Ended {
  status: number
  out: string
  err: string
}

describe('orders placed without HTTP', () => {
  let stack: TestStack
  let cli: string

  before(async () => {
    stack = await testStack()
    cli = await findTemporalCli({ log: () => {} })
  })

  function run(command: string, args: string[]): Promise<Ended> {
    return new Promise((resolve) => {
      execFile(command, args, { cwd: PROJECT, env: stack.env }, (error, out, err) =>
        resolve({ status: error ? Number(error.code ?? -1) : 0, out, err }),
      )
    })
  }

  const temporal = (...args: string[]) => run(cli, ['workflow', ...args, '--output', 'json'])
  const execute = (workflowId: string, ...input: string[]) =>
    temporal('execute', '--type', 'createOrder', '--task-queue', 'orders', '--workflow-id', workflowId, ...input)

  it('the Temporal CLI shows an encrypted run to whoever has a token of the codec server, and to nobody else', async () => {
    const { connection, options } = stack.client
    const codec = codecOver(await keysFile('cli'), options)
    const sealed = new Client({ connection, namespace: options.namespace, dataConverter: { payloadCodecs: [codec] } })
    const whoHas = (token: string) => (token === 'right' ? 'alice' : undefined)
    const app = createDecodeApp({ codec, namespace: options.namespace, whoHas, onDecoded: () => {}, onRefused: () => {} })
    try {
      const endpoint = await app.listen({ host: '127.0.0.1', port: 0 })
      // Nobody polls this queue: the history holds what was sent.
      const start = { taskQueue: `sealed-${randomUUID()}`, workflowId: `sealed-${randomUUID()}`, args: [orderOf(1)] }
      await sealed.workflow.start('createOrder', start)
      const show = (token: string) =>
        temporal('show', '--workflow-id', start.workflowId, '--codec-endpoint', endpoint, '--codec-auth', `Bearer ${token}`)
      const inputIn = (out: string) => {
        const [{ workflowExecutionStartedEventAttributes: begun }] = JSON.parse(out).events
        return Buffer.from(begun.input.payloads[0].data, 'base64').toString()
      }
      const shown = await show('right')
      assert.ok(inputIn(shown.out).includes(RECIPIENT.address), shown.out + shown.err)
      const hidden = await show('wrong')
      assert.notEqual(hidden.status, 0)
      assert.doesNotMatch(hidden.out, /"payloads"/)
    } finally {
      await app.close()
    }
  })

  it('the Temporal CLI creates the very order that HTTP answers for the same user and request id', async () => {
    const userId = freshUser()
    const requestId = randomUUID()
    const request = orderOf(userId, [
      { goodsId: 41, num: 2 },
      { goodsId: 7, num: 1 },
      { goodsId: 41, num: 3 },
    ])
    const { status, out } = await execute('my-order-1', '--input', JSON.stringify({ ...request, requestId }))
    assert.equal(status, 0, out)
    const run = JSON.parse(out)
    assert.equal(run.status, 'COMPLETED')
    assert.equal(run.result.orderSn, orderSnOf({ userId, requestId }))
    assert.equal(run.result.status, 'PAYING')
    assert.deepEqual(
      run.result.lines.map(({ goodsId, num }: { goodsId: number; num: number }) => ({ goodsId, num })),
      [
        { goodsId: 7, num: 1 },
        { goodsId: 41, num: 5 },
      ],
    )

    const overHttp = await call(`${stack.httpUrl}/orders`, { method: 'POST', body: request, key: requestId })
    assert.equal(overHttp.status, 201)
    const { id, ...shown } = run.result
    assert.ok(id > 0)
    assert.deepEqual(overHttp.body, shown)
  })

  it('its run answers the query progress, and is found by order number and user', async () => {
    const userId = freshUser()
    const requestId = `by hand/${randomUUID()}`
    const workflowId = `found-${randomUUID()}`
    const input = JSON.stringify({ ...orderOf(userId, [{ goodsId: 42, num: 1 }]), requestId })
    assert.equal((await execute(workflowId, '--input', input)).status, 0)

    const { out } = await temporal('query', '--type', 'progress', '--workflow-id', workflowId)
    const [progress] = JSON.parse(out).queryResult
    assert.equal(progress.step, 'confirmed')
    assert.equal(progress.orderSn, orderSnOf({ userId, requestId }))
    assert.equal(progress.lines, 1)

    const wanted = [`OrderSn = '${progress.orderSn}'`, `UserId = '${userId}'`]
    for (const query of wanted) {
      const found = await until(query, async () => {
        const runs = JSON.parse((await temporal('list', '--query', query)).out)
        assert.notEqual(runs.length, 0, 'visibility lags a little')
        return runs
      })
      assert.deepEqual(
        found.map(({ execution }: { execution: { workflowId: string } }) => execution.workflowId),
        [workflowId],
      )
    }
  })

  it('a refusal fails the run with the type and code of the failure table', async () => {
    const input = JSON.stringify(orderOf(freshUser(), [{ goodsId: 197, num: 1 }]))
    const { status, out } = await execute(`refused-${randomUUID()}`, '--input', input)
    assert.equal(status, 1)
    const { failure } = JSON.parse(out).closeEvent.workflowExecutionFailedEventAttributes
    assert.equal(failure.applicationFailureInfo.type, 'GoodsOffSale')
    assert.equal(failure.applicationFailureInfo.nonRetryable, true)
    assert.deepEqual(failure.applicationFailureInfo.details, [{ code: 10004, goodsIds: [197] }])
  })

  it('bad input fails the run with InvalidInput, naming each bad field', async () => {
    const input = JSON.stringify({
      userId: 0,
      address: ' ',
      name: 'n',
      mobile: 5,
      colour: 'red',
      lines: [{ goodsId: 1, num: 0 }],
    })
    const { status, out } = await execute(`bad-${randomUUID()}`, '--input', input)
    assert.equal(status, 1)
    const { type, details } = JSON.parse(out).closeEvent.workflowExecutionFailedEventAttributes.failure.applicationFailureInfo
    assert.equal(type, 'InvalidInput')
    assert.equal(details[0].code, 10008)
    const fields = details[0].fields.map(({ field }: { field: string }) => field).sort()
    assert.deepEqual(fields, ['address', 'colour', 'lines[0].num', 'mobile', 'userId'])
  })

  it('what the CLI sends in another encoding, or not at all, fails the run instead of parking it', async () => {
    const good = JSON.stringify(orderOf(freshUser(), [{ goodsId: 43, num: 1 }]))
    for (const input of [
      [],
      ['--input', 'null'],
      ['--input', '[]'],
      ['--input', good, '--input-meta', 'encoding=binary/plain'],
      ['--input', good, '--input-meta', 'encoding=binary/encrypted'],
    ]) {
      const { status, out } = await execute(`bad-${randomUUID()}`, ...input)
      assert.equal(status, 1)
      const { failure } = JSON.parse(out).closeEvent.workflowExecutionFailedEventAttributes
      assert.equal(failure.applicationFailureInfo.type, 'InvalidInput', input.join(' '))
    }
  })

  it('the example of the TypeScript client prints the order, the same one for the same request, and tells a refusal', async () => {
    const userId = freshUser()
    const example = (...args: string[]) =>
      run(process.execPath, ['--import', 'tsx', join('examples', 'create-order.ts'), '--user', `${userId}`, ...args])
    const request = ['--request', randomUUID(), '--goods', '44', '--num', '2']
    const [first, again] = await Promise.all([example(...request), example(...request)])
    assert.equal(first.status, 0, first.err)
    const order = JSON.parse(first.out)
    assert.equal(order.status, 'PAYING')
    assert.equal(order.lines[0].goodsId, 44)
    assert.deepEqual(JSON.parse(again.out), order)
    assert.deepEqual((await call(`${stack.httpUrl}/orders/${order.orderSn}`)).body.lines, order.lines)

    const refused = await example('--goods', '196')
    assert.equal(refused.status, 1)
    assert.match(refused.err, /^refused: GoodsOffSale \(10004\): goods 196 were off sale/)
  })
})
