import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { connectDatabase } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { until } from '../e2e/faults/until.ts'
import { PATIENT_STORE, testDatabase } from '../support/postgres.ts'
import { testTemporal } from '../support/temporal.ts'
import { REQUEST } from './parts.ts'

const PROJECT = join(import.meta.dirname, '../..')
const NOWHERE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/orders', TEMPORAL_ADDRESS: '127.0.0.1:1' }

describe('the starter process', () => {
  const children: ChildProcess[] = []

  function start(env: Record<string, string>) {
    const program = programCommand('starter.ts', {
      PATH: process.env.PATH,
      NODE_OPTIONS: process.env.NODE_OPTIONS,
      ...(process.env.WORKFLOW_BUNDLE && { WORKFLOW_BUNDLE: process.env.WORKFLOW_BUNDLE }),
      HTTP_ADDR: '127.0.0.1:0',
      GRPC_ADDR: '127.0.0.1:0',
      ...env,
    })
    const child = spawn(program.command, program.args, {
      cwd: PROJECT,
      env: program.env,
      // The end of the channel shows it that this process is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    children.push(child)
    let out = ''
    const collect = (chunk: Buffer) => {
      out += chunk
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    const exit = once(child, 'exit').then(([code]) => code as number)
    return {
      child,
      exit,
      out: () => out,
      async url(): Promise<string> {
        for (;;) {
          const [, url] = /"url":"(http:[^"]+)"/.exec(out) ?? []
          if (url) return url
          if (child.exitCode !== null) assert.fail(`it ended: ${out}`)
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      },
    }
  }

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
  })

  it('starts while Temporal and PostgreSQL are away, says so, refuses orders at once, and ends on SIGTERM', async () => {
    const starter = start(NOWHERE)
    const url = await starter.url()
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    const ready = await fetch(`${url}/readyz`)
    assert.deepEqual([ready.status, ((await ready.json()) as { missing: string[] }).missing], [503, ['temporal', 'postgresql']])
    const answer = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(REQUEST),
    })
    assert.equal(answer.status, 503)
    starter.child.kill('SIGTERM')
    assert.equal(await starter.exit, 0)
    const lines = starter.out().trim().split('\n')
    for (const line of lines) assert.equal(JSON.parse(line).name, 'starter', line)
    for (const party of ['Temporal', 'PostgreSQL'])
      assert.equal(
        lines.filter((line) => line.includes(`"msg":"${party} `) && line.includes('are answered 503')).length,
        1,
        party,
      )
  })

  it('names all that is wrong with its settings, and ends with status 1', async () => {
    const starter = start({ HTTP_ADDR: '3000', HTTP_WAITS_MS: '1' })
    assert.equal(await starter.exit, 1)
    for (const line of [/DATABASE_URL is missing/, /HTTP_ADDR must be host:port/, /did you mean HTTP_WAIT_MS\?/])
      assert.match(starter.out(), line)
  })

  it('says which address is taken', async () => {
    const first = start(NOWHERE)
    const taken = new URL(await first.url()).host
    const second = start({ ...NOWHERE, HTTP_ADDR: taken })
    assert.equal(await second.exit, 1)
    assert.match(second.out(), new RegExp(`can't listen on HTTP_ADDR ${taken} \\(EADDRINUSE\\)`))
  })

  it('drains when the parent that forked it is gone', async () => {
    const starter = start(NOWHERE)
    await starter.url()
    starter.child.disconnect()
    assert.equal(await starter.exit, 0)
  })

  for (const [what, does, undo] of [
    ['takes no writes', 'set default_transaction_read_only = on', 'reset default_transaction_read_only'],
    ['can extend no file', 'set temp_file_limit = 0', 'reset temp_file_limit'],
  ] as const) {
    it(`is not ready, and takes no orders, while PostgreSQL ${what}, and says why`, async () => {
      const DATABASE_URL = await testDatabase()
      const db = connectDatabase(DATABASE_URL, PATIENT_STORE)
      await migrate(db)
      const { address } = await testTemporal()
      const TASK_QUEUE = `nobody-polls-${process.pid}-writes`
      const starter = start({ DATABASE_URL, TASK_QUEUE, TEMPORAL_ADDRESS: address, STARTER_WORKER: 'false', HTTP_WAIT_MS: '300' })
      const url = await starter.url()
      const post = async () => {
        const body = JSON.stringify({ ...REQUEST, requestId: randomUUID() })
        const answer = await fetch(`${url}/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        return answer.status
      }
      const ready = async () => (await fetch(`${url}/readyz`)).status
      const database = new URL(DATABASE_URL).pathname.slice(1)
      await until('it is ready', async () => assert.equal(await ready(), 200))
      await sql.raw(`alter database ${database} ${does}`).execute(db)
      try {
        await until('it is not ready', async () => assert.equal(await ready(), 503))
        assert.equal(await post(), 503)
        assert.match(starter.out(), /"error":"(25006|53400)".*PostgreSQL can not be used/)
      } finally {
        await sql.raw(`alter database ${database} ${undo}`).execute(db)
      }
      await until('it is ready again', async () => assert.equal(await ready(), 200))
      assert.equal(await post(), 202)
      await db.destroy()
    })
  }

  it('takes no more orders when as many as INTAKE_MAX_UNSETTLED wait for a worker', async () => {
    const DATABASE_URL = await testDatabase()
    const db = connectDatabase(DATABASE_URL, PATIENT_STORE)
    await migrate(db)
    await db.destroy()
    const { address } = await testTemporal()
    const TASK_QUEUE = `nobody-polls-${process.pid}-rowless`
    const settings = { DATABASE_URL, TASK_QUEUE, TEMPORAL_ADDRESS: address, STARTER_WORKER: 'false', INTAKE: 'single' }
    const starter = start({ ...settings, HTTP_WAIT_MS: '1', INTAKE_MAX_UNSETTLED: '3' })
    const url = await starter.url()
    let userId = 0
    const post = async () => {
      const body = JSON.stringify({ ...REQUEST, userId: ++userId, requestId: randomUUID() })
      const answer = await fetch(`${url}/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      return answer.status
    }
    assert.deepEqual(await Promise.all([post(), post(), post()]), [202, 202, 202])
    await until('the backlog is seen', async () =>
      assert.match(await (await fetch(`${url}/metrics`)).text(), /^intake_closed\{reason="backlog"\} 1$/m),
    )
    assert.equal(await post(), 503)
  })

  for (const [INTAKE, run] of [
    ['single', (requestId: string) => new RegExp(`^create-order/${orderSnOf({ userId: 7, requestId })}$`)],
    ['lane', () => /^create-orders\/[\da-f-]{36}$/],
  ] as const) {
    it(`starts a run that is the same for every repeat, and lets go of who waits when it is stopped (INTAKE=${INTAKE})`, async () => {
      const DATABASE_URL = await testDatabase()
      const db = connectDatabase(DATABASE_URL, PATIENT_STORE)
      await migrate(db)
      await db.destroy()
      const { address } = await testTemporal()
      const TASK_QUEUE = `nobody-polls-${process.pid}-starter`
      const settings = { DATABASE_URL, HTTP_WAIT_MS: '300', TASK_QUEUE, INTAKE, STARTER_WORKER: 'false' }
      const starter = start({ ...settings, TEMPORAL_ADDRESS: address })
      const url = await starter.url()
      assert.equal((await fetch(`${url}/readyz`)).status, 200)
      const requestId = `starter-${process.pid}-${Date.now()}`
      const body = JSON.stringify({ ...REQUEST, requestId })
      const post = async () =>
        await fetch(`${url}/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const [first, second] = await Promise.all([post(), post()])
      assert.deepEqual([first.status, second.status], [202, 202])
      const location = first.headers.get('location')
      assert.equal(second.headers.get('location'), location)
      const seen = await fetch(url + location)
      assert.equal(seen.status, 200, 'who was told 202 finds the order')
      const order = (await seen.json()) as { status: string; saga?: { workflowId: string } }
      assert.equal(order.status, 'CREATING')
      assert.match(order.saga?.workflowId ?? '', run(requestId))
      const waiting = post()
      starter.child.kill('SIGTERM')
      assert.equal((await waiting).status, 202)
      assert.equal(await starter.exit, 0)
    })
  }
})
