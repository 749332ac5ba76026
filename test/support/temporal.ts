import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../dev/processes/ports.ts'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { startTemporalServer, type TemporalServer } from '../../dev/temporal-server.ts'
import { endWithRun } from './end-with-run.ts'

let server: Promise<TemporalServer> | undefined

/** The one real Temporal dev server of this test run, in memory, with our search attributes; the first call starts it. */
export function testTemporal(): Promise<TemporalServer> {
  server ??= startServer()
  return server
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

function silent() {}
