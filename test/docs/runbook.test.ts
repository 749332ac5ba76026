import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { createOrderWorkflowId, TASK_QUEUE, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { metricNames } from '../deploy/metric-names.ts'
import { freshUser, orderOf, RECIPIENT } from '../e2e/shop.ts'
import { promtool } from '../support/promtool.ts'
import { testStack } from '../support/stack.ts'
import { tempDir } from '../support/temp-dir.ts'
import { fencedBlocks } from './fenced-blocks.ts'
import { runScript } from './run-script.ts'

const PROJECT = join(import.meta.dirname, '../..')
const DOCUMENTS = ['docs/runbook.md', 'docs/maintenance.md']
const TEXTS = DOCUMENTS.map((file) => readFileSync(join(PROJECT, file), 'utf8'))

describe('the runbook', () => {
  let env: NodeJS.ProcessEnv
  let hasGrpcurl: boolean
  let exported: string

  before(async () => {
    const stack = await testStack()
    const key = { userId: freshUser(), requestId: randomUUID() }
    const workflowId = createOrderWorkflowId(orderSnOf(key))
    await stack.client.workflow.execute(WORKFLOW_TYPES.createOrder, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ ...orderOf(key.userId, [{ goodsId: 61, num: 1 }]), requestId: key.requestId }],
    })
    const cli = await findTemporalCli({ log: () => {} })
    const path = [dirname(cli), stack.env.PATH].join(delimiter)
    env = { ...stack.env, PATH: path, SN: orderSnOf(key), WID: workflowId }
    exported = (await run('curl -s "$METRICS_ADDR/metrics" "$HTTP_ADDR/metrics"')).out
    hasGrpcurl = (await run('command -v grpcurl')).status === 0
  })

  for (const { heading, line, script } of TEXTS.flatMap((text) => fencedBlocks(text, 'sh run'))) {
    it(`names commands under "${heading}" (line ${line}) that work, and print no personal data`, async function () {
      if (script.includes('grpcurl') && !hasGrpcurl) this.skip()
      const { status, out } = await run(script)
      assert.equal(status, 0, out)
      assert.notEqual(out.trim(), '')
      for (const secret of Object.values(RECIPIENT)) assert.ok(!out.includes(secret), secret)
    })
  }

  it('says of most of its commands that they may be run here', () => {
    assert.ok(TEXTS.flatMap((text) => fencedBlocks(text, 'sh run')).length >= 15)
  })

  it('asks Prometheus in words that it understands, for metrics that there are', async () => {
    const queries = TEXTS.flatMap((text) => fencedBlocks(text, 'promql')).flatMap(({ script }) => script.trim().split('\n'))
    assert.ok(queries.length >= 4)
    const dir = await tempDir()
    const rules = queries.map((expr, i) => ({ record: `query_${i}`, expr }))
    await writeFile(join(dir, 'rules.yml'), JSON.stringify({ groups: [{ name: 'runbook', rules }] }))
    const { status, output } = await promtool(['check', 'rules', 'rules.yml'], dir)
    assert.equal(status, 0, output)
    const recording = readFileSync(join(PROJECT, 'deploy/prometheus/recording.rules.yml'), 'utf8')
    const known = new Set([...exported.matchAll(/^[a-z_]\w*/gm), ...recording.matchAll(/(?<=- record: )\S+/g)].map(String))
    assert.deepEqual(
      queries.flatMap(metricNames).filter((name) => !known.has(name)),
      [],
    )
  })

  it('is taken at its word: a block of which one command fails is found out', async () => {
    assert.notEqual((await run('temporal workflow describe --workflow-id no-such-run\necho done')).status, 0)
    assert.notEqual((await run('curl -s "$METRICS_ADDR/metrics" | grep no_such_metric')).status, 0)
    assert.deepEqual(fencedBlocks('# A\n```sh\n# B\nx\n```\n## C\n```sh run\ny\nz\n```\n', 'sh run'), [
      { heading: 'C', line: 7, script: 'y\nz\n' },
    ])
  })

  function run(script: string): Promise<{ status: number; out: string }> {
    return runScript(script, env)
  }
})
