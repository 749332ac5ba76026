import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { freePort } from '../../dev/processes/ports.ts'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { startTemporalServer, type TemporalServer } from '../../dev/temporal-server.ts'
import { endWithRun } from './end-with-run.ts'
import { onEnd } from './on-end.ts'
import { findTestServer } from './temporal-test-server.ts'

let server: Promise<TemporalServer> | undefined
let environment: Promise<TestWorkflowEnvironment> | undefined

/** The one real Temporal dev server of this test run, in memory, with our search attributes; the first call starts it. */
export function testTemporal(): Promise<TemporalServer> {
  server ??= startServer()
  return server
}

/** The one time-skipping environment of this test run. Only its own client skips time. */
export function timeSkipping(): Promise<TestWorkflowEnvironment> {
  environment ??= startTimeSkipping()
  return environment
}

async function startServer(): Promise<TemporalServer> {
  const dir = await mkdtemp(join(tmpdir(), 'order-saga-temporal-'))
  const port = await freePort()
  const started = await startTemporalServer({
    cli: await findTemporalCli({ log: silent }),
    port,
    uiPort: await freePort(0, new Set([port])),
    logFile: join(dir, 'log'),
  })
  endWithRun(dir, { stop: () => started.stop(), kill: () => process.kill(started.pid, 'SIGKILL') })
  return started
}

async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = await findTestServer(silent)
  const started = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })
  // KEYWORD_LIST is 7, KEYWORD 2 (temporal.api.enums.v1.IndexedValueType); this server can't list what it knows.
  await started.connection.operatorService.addSearchAttributes({ searchAttributes: { OrderSn: 7, UserId: 7, RequestId: 2 } })
  onEnd(() => started.teardown())
  return started
}

function silent() {}
