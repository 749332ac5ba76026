import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, type ReplayWorkerOptions, Worker } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { WORKFLOW_INTERCEPTORS } from '../../telemetry/workflow-interceptors.ts'
import { readHistory } from '../proof/histories/history-json.ts'
import { OUTCOMES } from '../proof/histories/outcomes.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { workflowBundle } from '../support/workflow-runs.ts'

const FOLDER = new URL('../proof/histories/', import.meta.url)

const recorded = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ name: file.slice(0, -'.json'.length), history: readHistory(readFileSync(new URL(file, FOLDER), 'utf8')) }))

describe('the workflows, as they are now,', () => {
  it('go on with every run that began before: each recorded history replays', async () => {
    const replayed = await replay({ workflowBundle: await workflowBundle() })
    assert.deepEqual(replayed, new Map(recorded.map(({ name }) => [name, undefined])))
  })

  it('go on with them even if they are traced from now on', async () => {
    const replayed = await replay({ workflowBundle: await tracedBundle() })
    assert.deepEqual(replayed, new Map(recorded.map(({ name }) => [name, undefined])))
  })

  it('go on with runs that began where they were traced, when they are no longer', async () => {
    const { address } = await testTemporal()
    const native = await NativeConnection.connect({ address })
    const connection = await Connection.connect({ address })
    try {
      const taskQueue = 'traced-then-not'
      const shop = new FakeShop()
      const worker = await Worker.create({
        connection: native,
        taskQueue,
        workflowBundle: await tracedBundle(),
        activities: shop.activities(),
      })
      const history = await worker.runUntil(async () => {
        const args = [{ userId: 1, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 1 }] }]
        const { workflow } = new Client({ connection })
        const run = await workflow.start('createOrder', { taskQueue, workflowId: randomUUID(), args })
        await run.result()
        return await run.fetchHistory()
      })
      const { header } =
        history.events?.find((event) => event.activityTaskScheduledEventAttributes)?.activityTaskScheduledEventAttributes ?? {}
      assert.ok(header?.fields?.['_tracer-data'], 'the run was traced')
      const histories = [{ workflowId: 'traced', history }]
      const options = { workflowBundle: await workflowBundle() }
      for await (const { error } of Worker.runReplayHistories(options, histories)) assert.equal(error, undefined)
    } finally {
      await native.close()
      await connection.close()
    }
  })

  it('go on with runs that began with an input which is refused today: a name that nobody can see, a key of spaces', async () => {
    const texts: [RegExp, string][] = [
      [/"name":"[^"]*"/, '"name":"\u200b"'],
      [/"address":"[^"]*"/, '"address":"a\\nb"'],
      [/"mobile":"([^"]*)"/, '"mobile":"$1","mobile":"$1"'],
    ]
    const now = { workflowBundle: await workflowBundle() }
    for (const [pattern, odd] of texts) {
      const histories = ['confirmed', 'lane-confirmed', 'refused-out-of-stock'].map((name) => {
        const history = readHistory(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'))
        const [payload] = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
        assert.ok(payload?.data)
        const json = Buffer.from(payload.data).toString()
        assert.match(json, pattern)
        payload.data = Buffer.from(json.replace(pattern, odd))
        return { workflowId: name, history }
      })
      for await (const { workflowId, error } of Worker.runReplayHistories(now, histories)) {
        assert.equal(error, undefined, `${workflowId}: ${odd}`)
      }
    }
  })

  it('have a history of every outcome, which ends as it should', () => {
    const ends = new Map(recorded.map(({ name, history }) => [name, endOf(history.events?.at(-1) ?? {})]))
    assert.deepEqual(
      [...ends].sort(),
      Object.entries(OUTCOMES)
        .map(([name, outcome]) => [name, outcome.ends])
        .sort(),
    )
  })

  it('could not be reordered unnoticed: a changed workflow fails to replay', async () => {
    const changed = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('reordered-workflows.ts', FOLDER)),
      logger: new DefaultLogger('ERROR'),
    })
    const replayed = await replay({ workflowBundle: changed })
    assert.ok(replayed.get('confirmed') instanceof DeterminismViolationError, String(replayed.get('confirmed')))
  })

  it('have histories that name no machine, no process and no path', () => {
    for (const { name } of recorded) {
      const text = readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')
      assert.doesNotMatch(text, /stackTrace|"identity": "(?!recorder")/, name)
    }
  })
})

function tracedBundle() {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [WORKFLOW_INTERCEPTORS],
    logger: new DefaultLogger('ERROR'),
  })
}

/** Replays each history. @returns the error of each, or none */
async function replay(options: ReplayWorkerOptions) {
  const histories = recorded.map(({ name, history }) => ({ workflowId: name, history }))
  const results = new Map<string, Error | undefined>()
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) results.set(workflowId, error)
  return results
}

interface Event {
  workflowExecutionCompletedEventAttributes?: object | null
  workflowExecutionCanceledEventAttributes?: object | null
  workflowExecutionFailedEventAttributes?: {
    failure?: { applicationFailureInfo?: { type?: string | null } | null } | null
  } | null
}

function endOf(event: Event) {
  if (event.workflowExecutionCompletedEventAttributes) return 'completed'
  if (event.workflowExecutionCanceledEventAttributes) return 'cancelled'
  return event.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.type
}
