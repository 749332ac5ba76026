import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { trackedFiles } from '../support/tracked-files.ts'

/**
 * The only places that may read the wall clock, which can be set back by an administrator or NTP, and why. Durations and deadlines of
 * our own are measured by `performance.now()`.
 */
const WALL_CLOCK: Record<string, string> = {
  'api/probe.ts': 'gRPC takes deadlines as times of day',
  'identity/recent-callers.ts': 'a token ends at a time of day',
  'rpc/create-method.ts': 'gRPC takes deadlines as times of day',
  'rpc/order-updates.ts': 'the moment of a payment that its report does not name',
  'temporal/schedule-states.ts': "compared with Temporal's times of runs; minutes are asked about",
  'temporal/within.ts': 'gRPC takes deadlines as times of day',
  'clients/webhook-client.ts': 'a signature says when it was made, by which a receiver refuses old ones',
  'clients/unary.ts': 'gRPC takes deadlines as times of day',
  'dev/processes/grpc-health.ts': 'gRPC takes deadlines as times of day',
  'dev/temporal-server.ts': 'gRPC takes deadlines as times of day',
  'services/inventory/unkeyed-inventory.ts': "a call's deadline is a time of day",
  'composition/container-health.ts': 'gRPC takes deadlines as times of day',
  'composition/order-worker.ts': 'gRPC takes deadlines as times of day',
  'temporal/gets-on.ts': "compared with Temporal's times of events; to be wrong is harmless there",
  'workflows/create-order.ts': 'the clock of a workflow, which a replay repeats',
  'workflows/create-orders.ts': 'the clock of a workflow, which a replay repeats',
  'workflows/lane-steps.ts': 'the clock of a workflow, which a replay repeats',
  'examples/create-order.ts': 'a name',
  'import/main.ts': 'compared with the times of day of the source',
  'bench/load.ts': 'a name',
  'bench/parts.ts': 'a name',
  'bench/main.ts': 'the date of a report',
  'bench/measure-cell.ts': 'the times of day by which Temporal is asked for its histories',
}

describe('the clocks', () => {
  it('of durations are never the wall clock, which can be set back', () => {
    assert.deepEqual(readers(productFiles()), Object.keys(WALL_CLOCK).sort())
  })

  it('are told apart: each way to read the wall clock is found', () => {
    for (const code of ['Date.now()', 'new Date()', 'new Date', 'Date()', '+new Date', 'const { now } = Date'])
      assert.ok(readsWallClock(code), code)
    for (const code of [
      'new Date(row.at)',
      'performance.now()',
      '// Date.now() is not used',
      'x: Date',
      'ColumnType<Date>',
      'sql<Date>`now()`',
    ])
      assert.ok(!readsWallClock(code), code)
  })
})

function productFiles(): string[] {
  return trackedFiles('*.ts').filter((file) => !file.startsWith('test/') && !file.startsWith('proto/generated/'))
}

function readers(files: string[]): string[] {
  return files.filter((file) => readsWallClock(readFileSync(file, 'utf8'))).sort()
}

function readsWallClock(code: string): boolean {
  const withoutComments = code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '')
  return /\bDate\.now\b|\bnew Date\b(?!\(\s*[^)\s])|(?<!new )\bDate\(\)|\}\s*=\s*Date\b/.test(withoutComments)
}
