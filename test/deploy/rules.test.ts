import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { prometheusTool, promtool } from '../support/promtool.ts'
import { tempDir } from '../support/temp-dir.ts'

const RULES = resolve(import.meta.dirname, '../../deploy/prometheus')
const ALERTS = 'alerts.rules.yml'
const RECORDING = 'recording.rules.yml'
/** Tests of the rules; those of alerts that take hours are judged at longer intervals. */
const TESTS = ['alerts.test.yml', 'hours.test.yml']
const ERRORS = 'sum by (service, method) (rate(rpc_calls_total{status="error"}[1m]))'

/** Threshold and `for` of each alert, and a `for` that makes it too quick or too slow. */
const TIMINGS: [alert: string, threshold: string | undefined, right: string, quicker: string, slower: string][] = [
  ['HighErrorRate', '0.05', '2m', '1m45s', '2m30s'],
  ['HighLatency', '1', '5m', '4m', '6m'],
  ['CompensationStuck', '120', '1m', '45s', '1m15s'],
  ['CircuitBreakerOpen', '1', '2m', '30s', '3m'],
  ['TaskQueueBacklog', '1', '5m', '4m', '6m'],
  ['WorkerAbsent', undefined, '1m', '45s', '1m15s'],
  ['StarterAbsent', undefined, '1m', '45s', '1m15s'],
  ['IntakeClosed', undefined, '1m', '45s', '1m15s'],
  ['OrdersUnanswered', '0.05', '2m', '1m45s', '2m30s'],
  ['OrderServiceFails', '0.05', '2m', '1m45s', '2m30s'],
  ['LaneHandsOver', undefined, '5m', '4m', '6m'],
  ['CallersTurnedAway', undefined, '2m', '1m45s', '2m30s'],
  ['ServiceLimited', undefined, '5m', '4m45s', '5m30s'],
  ['OrdersInDoubt', undefined, '1m', '45s', '1m15s'],
  ['OrdersOverdue', '60', '3m', '2m45s', '3m15s'],
  ['ScheduleUnwell', '0', '10m', '9m45s', '10m15s'],
  ['RefundsOwed', '0', '12h', '11h', '13h'],
  ['ReconciliationOverdue', '900', '5m', '4m', '6m'],
]

/**
 * Mistake in a rule: the right text, and the text put in its place. The text of an alert is looked for behind the alert's name,
 * and the tests that bear that name have to find it out. The text of another rule is looked for anywhere; `tests`, of which it is the
 * beginning of their names, have to find it out.
 */
type WrongRule =
  | [what: string, right: string, wrong: string, alert: string]
  | [what: string, right: string, wrong: string, alert: undefined, tests: string]

const WRONG: WrongRule[] = [
  ...TIMINGS.flatMap(([alert, threshold, right, quicker, slower]): WrongRule[] => [
    ...(threshold ? [[`the threshold of ${alert}`, `> ${threshold}`, `>= ${threshold}`, alert] satisfies WrongRule] : []),
    [`a quicker ${alert}`, `for: ${right}`, `for: ${quicker}`, alert],
    [`a slower ${alert}`, `for: ${right}`, `for: ${slower}`, alert],
  ]),
  [
    'compensations judged by their number',
    'max(orders_in_compensation_oldest_seconds) > 120',
    'max(orders_in_compensation) > 0',
    'CompensationStuck',
  ],
  // Not >=: a ratio of exactly 0.2 is a matter of the order in which floats are added.
  ['the threshold of LaneHandsOver', '> 0.2', '> 0.19', 'LaneHandsOver'],
  ['a breaker judged by its worst moment', 'avg_over_time', 'max_over_time', 'CircuitBreakerOpen'],
  ['a backlog of workflow tasks alone', ' or task_queue:activity_task_wait_seconds:p95 > 1', '', 'TaskQueueBacklog'],
  [
    'WorkerAbsent without its absent()',
    'absent(temporal_num_pollers{poller_type="workflow_task"} > 0)',
    'temporal_num_pollers == 0',
    'WorkerAbsent',
  ],
  ['StarterAbsent without its absent()', 'absent(intake_closed)', 'count(intake_closed) == 0', 'StarterAbsent'],
  ['a closed starter as none', 'absent(intake_closed)', 'absent(intake_closed == 0)', 'StarterAbsent'],
  ['a starter that left beside another', 'absent(intake_closed)', 'absent(intake_closed{instance="a"})', 'StarterAbsent'],
  ['an intake closed for no reason', 'max by (reason) (', 'max (', 'IntakeClosed'],
  ['an intake closed for each starter', 'max by (reason) (intake_closed)', 'intake_closed', 'IntakeClosed'],
  ['callers turned away for no reason', 'sum by (reason) (', 'sum (', 'CallersTurnedAway'],
  ['callers turned away by each starter', 'sum by (reason) (', 'sum by (reason, instance) (', 'CallersTurnedAway'],
  ['slow callers as turned away', '{reason=~"too_many_.*"}', '', 'CallersTurnedAway'],
  ['limited customers as services', '{caller="service"}', '', 'ServiceLimited'],
  ['doubts of each worker', 'max(orders_in_doubt)', 'orders_in_doubt', 'OrdersInDoubt'],
  [
    'a Schedule that each worker finds unwell',
    'max by (schedule, trouble) (schedule_unwell)',
    'schedule_unwell',
    'ScheduleUnwell',
  ],
  ['one comparison alone', 'for: 6m', 'for: 5m', 'StockUnexplained'],
  ['a slower StockUnexplained', 'for: 6m', 'for: 6m15s', 'StockUnexplained'],
  ['pieces in doubt as unexplained', '{kind!="in-doubt"}', '', 'StockUnexplained'],
  ['unexplained pieces of no kind', 'max by (kind) (', 'max (', 'StockUnexplained'],
  ['a reconciliation that never was', ' or absent(inventory_reconciliation_age_seconds)', '', 'ReconciliationOverdue'],
  [
    'an error rate without sums',
    `${ERRORS}\n          / (service_method:rpc_calls:rate1m > 0)`,
    naiveErrorRate(),
    undefined,
    'HighErrorRate',
  ],
  ['an error rate of each worker', ERRORS, ERRORS.replace('method', 'method, instance'), undefined, 'HighErrorRate'],
  ['refusals counted as errors', ERRORS, ERRORS.replace('="error"', '=~"error|refused"'), undefined, 'nothing fires on'],
  [
    'an error rate without its guard',
    `${ERRORS}\n          / (service_method:rpc_calls:rate1m > 0)`,
    unguardedErrorRate(),
    undefined,
    'nothing fires without',
  ],
  ['unanswered orders by 503 alone', '="/orders",status=~"5.."', '="/orders",status="503"', undefined, 'OrdersUnanswered'],
  ['refusals as unanswered orders', '="/orders",status=~"5.."', '="/orders",status=~"[45].."', undefined, 'OrdersUnanswered'],
  ['pending orders as unanswered', '="/orders",status=~"5.."', '="/orders",status!="201"', undefined, 'OrdersUnanswered'],
  [
    'unanswered requests of any kind',
    'method="POST",route="/orders",status=~"5.."',
    'status=~"5.."',
    undefined,
    'OrdersUnanswered',
  ],
  ['unanswered orders among all requests', '_count{method="POST",route="/orders"}', '_count', undefined, 'OrdersUnanswered'],
  ['unanswered orders of each starter', '(sum(rate(http', '(sum by (instance) (rate(http', undefined, 'OrdersUnanswered'],
  ['no unanswered orders as no answer', ' or vector(0))', ')', undefined, 'nothing fires on'],
  [
    'unanswered orders without their guard',
    'route="/orders"}[1m])) > 0)',
    'route="/orders"}[1m])))',
    undefined,
    'nothing fires without',
  ],
  [
    'handed over by each starter',
    'sum(rate(lane_orders_total{',
    'sum by (instance) (rate(lane_orders_total{',
    undefined,
    'LaneHandsOver',
  ],
  ['refused as handed over', 'outcome="handed_over"', 'outcome!="confirmed"', undefined, 'LaneHandsOver'],
  [
    'handed over without its guard',
    '(sum(rate(lane_orders_total[5m])) > 0)',
    'sum(rate(lane_orders_total[5m]))',
    undefined,
    'nothing fires without',
  ],
  [
    'retries for each call, first or not',
    ' - sum by (service, method) (rate(rpc_retries_total[5m])) > 0',
    ' > 0',
    undefined,
    'retries',
  ],
]

describe('the rules for Prometheus', () => {
  it('are valid, and so is the configuration that loads them', async () => {
    assert.equal(await judge(['check', 'config', 'prometheus.yml']), '')
  })

  it('fire at the right minute, and neither just below, nor without traffic, nor on refusals', async () => {
    assert.equal(await judge(['test', 'rules', ...TESTS]), '')
  })

  it('are tested: whatever is wrong in them is found out', async () => {
    const left = await Promise.all(WRONG.map(async (rule) => ({ what: rule[0], ...(await folderWith(rule)) })))
    const files = left.flatMap(({ dir }) => [join(dir, ALERTS), join(dir, RECORDING)])
    assert.equal(await judge(['check', 'rules', ...files]), '', 'wrong, and valid all the same')
    const unnoticed: string[] = []
    const judges = Array.from({ length: 4 }, async () => {
      for (let next = left.pop(); next; next = left.pop()) {
        if (!(await judge(['test', 'rules', ...next.tests], next.dir)).includes('FAILED')) unnoticed.push(next.what)
      }
    })
    await Promise.all(judges)
    assert.deepEqual(unnoticed, [])
  })

  it('say of each alert what it is, why it matters and where to read on', async () => {
    const text = await readFile(join(RULES, ALERTS), 'utf8')
    const alerts = text.split(/^ {6}- alert: /m).slice(1)
    assert.ok(alerts.length >= 10)
    for (const alert of alerts) {
      const [name = ''] = alert.split('\n')
      assert.match(alert, /^ {10}summary: .{10}/m, name)
      assert.match(alert, /^ {10}description: (>-\n)?.{20}/m, name)
      assert.match(alert, new RegExp(`^ {10}runbook_url: docs/runbook\\.md#${name.toLowerCase()}$`, 'm'))
      assert.match(alert, /severity: (warning|critical) /, name)
    }
  })

  it('are checked by Prometheus, and a machine without it is told what to install', () => {
    assert.throws(() => prometheusTool('promtool', { PATH: '/nowhere' }), /apt-get install prometheus/)
  })
})

/** Divides each error series by itself. */
function naiveErrorRate(): string {
  return 'rate(rpc_calls_total{status="error"}[1m]) / rate(rpc_calls_total[1m])'
}

/** NaN if nobody calls. */
function unguardedErrorRate(): string {
  return `${ERRORS} / service_method:rpc_calls:rate1m`
}

/** @returns a folder of the rules with this one wrong, and the files in it of the tests that have to find it out */
async function folderWith([what, right, wrong, alert, tests]: WrongRule): Promise<{ dir: string; tests: string[] }> {
  const dir = await tempDir()
  await cp(RULES, dir, { recursive: true })
  let found = 0
  for (const file of [ALERTS, RECORDING]) {
    const text = await readFile(join(dir, file), 'utf8')
    const from = alert ? text.indexOf(`alert: ${alert}\n`) : 0
    const at = from < 0 ? -1 : text.indexOf(right, from)
    if (at < 0) continue
    found++
    await writeFile(join(dir, file), text.slice(0, at) + wrong + text.slice(at + right.length))
  }
  assert.equal(found, 1, what)
  if (alert) await keepAlert(alert, join(dir, ALERTS))
  const kept = await keepTests(alert ?? tests, dir)
  if (alert) for (const file of kept) await assertAsksOf(alert, join(dir, file))
  return { dir, tests: kept }
}

/** Every alert is judged at each moment of a test, also those that it does not ask about. */
async function keepAlert(name: string, file: string): Promise<void> {
  const [head = '', ...alerts] = (await readFile(file, 'utf8')).split(/^(?= {6}- alert: )/m)
  const kept = alerts.filter((alert) => alert.startsWith(`      - alert: ${name}\n`))
  await writeFile(file, head + kept.join(''))
}

/** A test that asked about an alert that was not kept would fail whatever the rule says. */
async function assertAsksOf(name: string, file: string): Promise<void> {
  const asked = (await readFile(file, 'utf8')).matchAll(/alertname: (\w+)/g)
  for (const [, alert] of asked) assert.equal(alert, name)
}

/** All of them take half a minute of CPU time for each wrong rule. @returns the files that have tests of such names */
async function keepTests(named: string, dir: string): Promise<string[]> {
  const files: string[] = []
  for (const name of TESTS) {
    const [head = '', ...tests] = (await readFile(join(dir, name), 'utf8')).split(/^(?= {2}- name: )/m)
    const kept = tests.filter((test) => test.startsWith(`  - name: ${named} `))
    if (kept.length > 0) files.push(name)
    await writeFile(join(dir, name), head + kept.join(''))
  }
  assert.notDeepEqual(files, [], `no test bears the name ${named}`)
  return files
}

/** @returns what promtool says against it */
async function judge(args: string[], cwd = RULES): Promise<string> {
  const { status, output } = await promtool(args, cwd)
  return status === 0 ? '' : output
}
