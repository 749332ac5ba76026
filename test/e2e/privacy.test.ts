import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { credentials, status as grpcStatus } from '@grpc/grpc-js'
import { Client } from '@temporalio/client'
import { sql } from 'kysely'
import type { PayloadCodec } from '../../codec/payload-codec.ts'
import { WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import type { RunningPart } from '../../dev/processes/part.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import { type OrderRequest, OrderServiceClient } from '../../proto/generated/order.ts'
import type { UserInfoResponse } from '../../proto/generated/user.ts'
import { DIRECTORY } from '../../services/user/directory.ts'
import { connectDatabase } from '../../store/database.ts'
import { codecOver, keysFile } from '../support/payload-keys.ts'
import { PATIENT_STORE } from '../support/postgres.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { type TraceCollector, traceCollector } from '../support/trace-collector.ts'
import { until } from './faults/until.ts'
import { runOrders } from './run-orders.ts'
import { call, freshUser, orderOf, RECIPIENT } from './shop.ts'

const PROJECT = join(import.meta.dirname, '..', '..')
const TASK_QUEUE = 'talkative'
const USER_ID = freshUser()
const { mobile, email, nickname } = DIRECTORY.get(USER_ID) as UserInfoResponse
/**
 * Texts that name a person: also in pieces, as a parser's message would quote them; and what the user service knows of the
 * user.
 */
const PERSONAL = [
  ...Object.values(RECIPIENT).flatMap((text) => [text, ...text.split(' ').filter((word) => word.length > 5)]),
  ...[mobile, email, nickname],
]

/** Recipient of whom nobody else orders anything: one database holds the plain runs of the other tests. */
const SEALED = { address: '9 Cipher Crescent', name: 'Wilhelmina Sealwright', mobile: '+99-5550-80777' }

/** Key that names the same person, as of a caller who makes keys of e-mail addresses. */
const SEALED_KEY = 'sealwright@cipher.example'

describe('personal data', () => {
  let stack: TestStack
  /** A client that encrypts, as the worker and the starter do. */
  let sealed: Client
  let codec: PayloadCodec
  let encryption: Record<string, string>
  let traces: TraceCollector
  let grpcAddress: string
  /** A worker and a starter on a queue of their own, which log all that they can, and encrypt what Temporal is to hold. */
  const talkative: { part: RunningPart; url: string }[] = []

  before(async () => {
    stack = await testStack()
    traces = await traceCollector('http/protobuf')
    const PAYLOAD_KEYS_FILE = await keysFile('privacy')
    const FINGERPRINT_KEYS_FILE = await keysFile('fingerprints')
    encryption = { PAYLOAD_KEYS_FILE, PAYLOAD_ENCRYPTION: 'encode' }
    const { connection, options } = stack.client
    codec = codecOver(PAYLOAD_KEYS_FILE, options)
    sealed = new Client({ connection, namespace: options.namespace, dataConverter: { payloadCodecs: [codec] } })
    grpcAddress = `127.0.0.1:${await freePort()}`
    for (const name of ['worker', 'starter']) {
      const address = `127.0.0.1:${await freePort()}`
      const url = `http://${address}`
      const part = await spawnPart({
        name: `talkative-${name}`,
        ...programCommand(`${name}.ts`, {
          ...stack.env,
          ...traces.env,
          ...encryption,
          FINGERPRINT_KEYS_FILE,
          TASK_QUEUE,
          STARTER_WORKER: 'false',
          LOG_LEVEL: 'trace',
          GRPC_ADDR: grpcAddress,
          [name === 'worker' ? 'METRICS_ADDR' : 'HTTP_ADDR']: address,
        }),
        cwd: PROJECT,
        ipc: true,
        logFile: join(stack.logsDir, `talkative-${name}.log`),
        isHealthy: async () => (await fetch(`${url}/readyz`)).status === 200,
      })
      talkative.push({ part, url })
    }
  })

  after(async () => {
    for (const { part } of talkative.reverse()) await part.stop()
  })

  it('of an order, whatever becomes of it, is in no log, no trace, no metric, no search attribute and no memo', async () => {
    const url = `${talkative[1]?.url}/orders`
    const userId = USER_ID
    const place = (body: unknown, key: string = randomUUID()) => call(url, { method: 'POST', body, key })
    const key = randomUUID()
    assert.equal((await place(orderOf(userId, [{ goodsId: 71, num: 1 }]), key)).status, 201)
    assert.equal((await place(orderOf(userId, [{ goodsId: 71, num: 2 }]), key)).status, 422)
    for (const [goodsId, status] of [
      [201, 404],
      [191, 422],
      [199, 422],
    ] as const) {
      assert.equal((await place(orderOf(userId, [{ goodsId, num: 1 }]))).status, status)
    }
    assert.equal((await place({ ...orderOf(userId), address: `${RECIPIENT.address}\0` })).status, 400)
    assert.equal((await place({ ...orderOf(userId), [RECIPIENT.name]: 1, colour: RECIPIENT.mobile })).status, 400)
    const broken = JSON.stringify(orderOf(userId)).slice(0, -2)
    const headers = { 'content-type': 'application/json' }
    assert.equal((await fetch(url, { method: 'POST', headers, body: broken })).status, 400)
    await orderOverGrpc(grpcAddress, userId)
    // Straight into Temporal: what our own starters would not let through.
    for (const input of [{ ...orderOf(userId), mobile: [RECIPIENT.mobile] }, Object.values(RECIPIENT), RECIPIENT.name]) {
      const start = { taskQueue: TASK_QUEUE, workflowId: `talkative-${randomUUID()}`, args: [input] }
      await assert.rejects(stack.client.workflow.execute('createOrder', start))
    }

    for (const file of await readdir(stack.logsDir)) assertImpersonal(file, await readFile(join(stack.logsDir, file), 'utf8'))
    const talked = await readFile(join(stack.logsDir, 'talkative-worker.log'), 'utf8')
    assert.match(talked, /"level":"debug",.*createOrder/, 'the worker logs its debug lines')
    const steps = [
      'POST /orders',
      'OrderService/OrderCreate',
      'OrderService/CartItemAdd',
      'RunWorkflow:createOrder',
      'InventoryService/Reback',
      'INSERT orders',
      'User/GetUserById',
    ]
    const sent = await until('all traces have come', () => {
      const text = Buffer.concat(traces.bodies).toString('latin1')
      for (const step of steps) assert.ok(text.includes(step), step)
      return text
    })
    assertImpersonal('the traces', sent)
    const metrics = [stack.httpUrl, `http://127.0.0.1:${stack.ports.workerMetrics}`, ...talkative.map(({ url }) => url)]
    for (const page of metrics) assertImpersonal(page, await (await fetch(`${page}/metrics`)).text())

    let runs = 0
    const { namespace } = stack.client.options
    for (let nextPageToken: Uint8Array | undefined; ; ) {
      const page = await stack.client.workflowService.listWorkflowExecutions({
        namespace,
        query: `TaskQueue = '${TASK_QUEUE}'`,
        ...(nextPageToken && { nextPageToken }),
      })
      for (const { execution, memo, searchAttributes } of page.executions) {
        runs += 1
        const fields = Object.values({ ...memo?.fields, ...searchAttributes?.indexedFields })
        const texts = fields.map(({ data }) => Buffer.from(data ?? []).toString())
        assertImpersonal(`${execution?.workflowId}`, texts.join('\n'))
      }
      nextPageToken = page.nextPageToken
      if (!nextPageToken?.length) break
    }
    assert.ok(runs >= 5, `visibility knows ${runs} runs`)
  })

  it('is nowhere in the database of Temporal if payloads are encrypted, whatever kind of run holds it', async () => {
    const url = `${talkative[1]?.url}`
    const userId = USER_ID
    const orderFor = (goodsId: number) => ({ userId, ...SEALED, lines: [{ goodsId, num: 1 }] })
    const place = async (goodsId: number) =>
      await call(`${url}/orders`, { method: 'POST', body: orderFor(goodsId), key: `${SEALED_KEY}/${randomUUID()}` })
    const run = (type: string, ...args: unknown[]) =>
      sealed.workflow.start(type, { taskQueue: TASK_QUEUE, workflowId: `sealed-${randomUUID()}`, args })

    // Orders of the lane: one confirmed, one refused by a step, one cancelled and given back.
    const placed = await place(72)
    assert.equal(placed.status, 201)
    assert.equal((await place(199)).status, 422)
    const orderSn = `${placed.body.orderSn}`
    const { fingerprint } = await stack.db
      .selectFrom('orders')
      .select('fingerprint')
      .where('order_sn', '=', orderSn)
      .executeTakeFirstOrThrow()
    assert.match(fingerprint, /^[0-9a-f]{64}\.fingerprints$/)
    assert.equal((await call(`${url}/orders/${orderSn}/cancel`, { method: 'POST', body: {} })).status, 200)
    // Singly: confirmed, refused, with an input that is none, and undone.
    const single = (await (await run('createOrder', orderFor(72))).result()) as { orderSn: string }
    const refusedRun = await run('createOrder', { ...orderFor(199), requestId: `${SEALED_KEY}/${randomUUID()}` })
    await assert.rejects(refusedRun.result())
    await assert.rejects((await run('createOrder', { ...orderFor(72), mobile: [SEALED.mobile], [SEALED.name]: 1 })).result())
    const cancelled = await run('createOrder', orderFor(72))
    await cancelled.cancel()
    await cancelled.result().catch(() => {})
    // What the Schedules run, and what settles one order.
    for (const type of ['sweepOrders', 'reconcileStock', 'deliverEvents', 'closeDueOrders', 'archiveOrders'] as const) {
      await (await run(WORKFLOW_TYPES[type])).result()
    }
    await (await run(WORKFLOW_TYPES.settleOrder, single.orderSn)).result()
    // The operators' verbs, which read what is encrypted.
    const env = { ...stack.env, ...encryption, TASK_QUEUE, WORKFLOW_BUNDLE: '' }
    const shown = await runOrders(env, ['show', orderSn, '--json'])
    assert.match(shown.out, /One Sell for each order/, shown.err)
    const unread = await runOrders({ ...env, PAYLOAD_KEYS_FILE: '', PAYLOAD_ENCRYPTION: '' }, ['show', orderSn, '--json'])
    assert.match(unread.out, /encrypted by key privacy/, unread.err)
    const kept = await runOrders(env, ['cancel', single.orderSn, '--by', 'test', '--why', 'the buyer asked'])
    assert.equal(kept.status, 0, kept.err)

    // What shows that the rest can be found: a run of a client that does not encrypt.
    const plainly = { ...orderFor(1), name: 'Control Plainwright' }
    const unpolled = { taskQueue: `unpolled-${randomUUID()}`, workflowId: 'create-order/7/plainwright@control.example' }
    await stack.client.workflow.start('createOrder', {
      ...unpolled,
      args: [{ ...plainly, address: '1 Plain Street', mobile: '1' }],
    })
    const dataDir = join(stack.logsDir, '..')
    const database = await until('the database has been written', async () => {
      const files = (await readdir(dataDir)).filter((file) => /^temporal\.db/.test(file))
      const bytes = await Promise.all(files.map((file) => readFile(join(dataDir, file), 'latin1')))
      const all = bytes.join('\n')
      for (const control of [plainly.name, unpolled.workflowId]) assert.ok(all.includes(control), `${control} is there`)
      return all
    })
    const sealedTexts = Object.values(SEALED).flatMap((one) => [one, ...one.split(' ').filter((word) => word.length > 5)])
    for (const text of [...sealedTexts, SEALED_KEY]) {
      const at = database.indexOf(text)
      assert.equal(at, -1, `the database holds '${text}': ${database.slice(Math.max(0, at - 300), at + 100)}`)
    }
    // The texts of failures are encrypted too; their types are not.
    const { failure } = (await refusedRun.fetchHistory()).events?.at(-1)?.workflowExecutionFailedEventAttributes ?? {}
    assert.equal(failure?.message, 'Encoded failure')
    assert.match(failure?.applicationFailureInfo?.type ?? '', /^[A-Z][A-Za-z]+$/)
  })

  it('of a recipient that is sealed is in no file of Temporal and PostgreSQL, write-ahead log included, nor in statistics', async () => {
    const [httpAddr, grpcAddr] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const RECIPIENT_KEYS_FILE = await keysFile('recipients')
    const url = `http://${httpAddr}`
    const starter = await spawnPart({
      name: 'sealing-starter',
      // Payloads are not encrypted: whatever is not sealed would be found.
      ...programCommand('starter.ts', {
        ...stack.env,
        ...{ HTTP_ADDR: httpAddr, GRPC_ADDR: grpcAddr, STARTER_WORKER: 'false', RECIPIENTS: 'sealed', RECIPIENT_KEYS_FILE },
      }),
      cwd: PROJECT,
      ipc: true,
      logFile: join(stack.logsDir, 'sealing-starter.log'),
      isHealthy: async () => (await fetch(`${url}/readyz`)).status === 200,
    })
    const db = connectDatabase(stack.databaseUrl, PATIENT_STORE)
    try {
      const [erased, kept] = [freshUser(), freshUser()]
      const recipient = {
        address: '8 Envelope Esplanade',
        name: 'Theodora Waxwell',
        mobile: '+99-6660-91888',
        post: 'Knockgently',
      }
      const place = async (at: string, userId: number, whom: object, goodsId = 73) =>
        await call(`${at}/orders`, { method: 'POST', body: { userId, ...whom, lines: [{ goodsId, num: 1 }] }, key: randomUUID() })
      const placed = await Promise.all([erased, kept].map((userId) => place(url, userId, recipient)))
      assert.deepEqual(
        placed.map(({ status }) => status),
        [201, 201],
      )
      assert.equal((await place(url, erased, recipient, 199)).status, 422)
      const control = { ...recipient, name: 'Control Clearwater', address: '1 Clear Street', mobile: '1', post: 'none' }
      assert.equal((await place(stack.httpUrl, freshUser(), control)).status, 201)
      await sql`analyze orders`.execute(db)
      await sql`checkpoint`.execute(db)

      const dataDir = join(stack.logsDir, '..')
      const files = await until('everything has been written', async () => {
        const written = new Map<string, string>()
        for (const file of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
          const path = join(file.parentPath, file.name)
          // What a server replaces meanwhile is not what is looked for.
          if (file.isFile()) written.set(path.slice(dataDir.length), await readFile(path, 'latin1').catch(() => ''))
        }
        for (const part of [/temporal\.db/, /pg_wal/, /base/]) {
          assert.ok(
            [...written].some(([path, text]) => part.test(path) && text.includes(control.name)),
            `the control is in ${part}`,
          )
        }
        return written
      })
      const { rows } = await sql<{ text: string }>`select s::text as text from pg_stats s`.execute(db)
      for (const [path, text] of [...files, ['pg_stats', rows.map((row) => row.text).join('\n')] as const]) {
        for (const part of Object.values(recipient)) assert.ok(!text.includes(part), `${path} holds '${part}'`)
      }

      const recipientOf = async (i: number) => await call(`${url}/orders/${placed[i]?.body.orderSn}/recipient`)
      assert.deepEqual((await recipientOf(0)).body, recipient)
      const asOperator = { ...stack.env, DATABASE_URL: stack.databaseUrl }
      const erase = ['erase', '--user', `${erased}`, '--by', 'a test', '--why', 'asked']
      assert.match((await runOrders(asOperator, erase)).err, new RegExp(`need theirs \\(${placed[0]?.body.orderSn}\\)`))
      await call(`${url}/orders/${placed[0]?.body.orderSn}/cancel`, { method: 'POST', body: {} })
      await until('the stock is given back', async () => assert.equal((await runOrders(asOperator, erase)).status, 0))
      assert.equal((await recipientOf(0)).status, 410)
      assert.deepEqual((await recipientOf(1)).body, recipient, 'who ordered at the same moment')
    } finally {
      await starter.stop()
      await db.destroy()
    }
  })
})

/** Orders from the cart over gRPC: one that is created, one that is refused, and calls that are not understood. */
async function orderOverGrpc(address: string, userId: number): Promise<void> {
  const client = new OrderServiceClient(address, credentials.createInsecure())
  const create = (request: OrderRequest) =>
    new Promise<void>((resolve, reject) => client.orderCreate(request, (error) => (error ? reject(error) : resolve())))
  const post = `for ${RECIPIENT.name}`
  const item = { id: 0, userId, goodsId: 71, goodsName: RECIPIENT.name, goodsImage: '', goodsPrice: 0, nums: 1, checked: true }
  const named = { id: 0, userId, ...RECIPIENT, post }
  try {
    await new Promise<void>((resolve, reject) => client.cartItemAdd(item, (error) => (error ? reject(error) : resolve())))
    await create(named)
    // Its cart is empty by now.
    await assert.rejects(create({ ...named, post: `${post}, again` }), { code: grpcStatus.FAILED_PRECONDITION })
    await assert.rejects(create({ ...named, mobile: `${RECIPIENT.mobile}\u0000` }), { code: grpcStatus.INVALID_ARGUMENT })
    await assert.rejects(create({ ...named, address: RECIPIENT.address.repeat(200) }), { code: grpcStatus.INVALID_ARGUMENT })
  } finally {
    client.close()
  }
}

function assertImpersonal(where: string, text: string): void {
  for (const personal of PERSONAL) {
    const at = text.indexOf(personal)
    assert.equal(at, -1, `${where} holds '${personal}': ${text.slice(Math.max(0, at - 300), at + 100)}`)
  }
}
