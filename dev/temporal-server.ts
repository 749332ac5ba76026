import { Connection } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import type { RunningPart } from './part.ts'
import { spawnPart } from './spawn-part.ts'

export interface TemporalServerOptions {
  /** Path of the Temporal CLI: see `findTemporalCli`. */
  cli: string
  port: number
  uiPort: number
  /** Where workflows are kept; its folder must exist. @default in memory */
  dbFile?: string
  logFile: string
  onSpawn?: (pid: number) => void
}

export interface TemporalServer extends RunningPart {
  address: string
  namespace: string
  uiUrl: string
}

/** The dev server has this namespace from the start. */
const NAMESPACE = 'default'

/**
 * Temporal's dev server on 127.0.0.1, with its web UI and our search attributes.
 * @throws Error with the end of its log when it is not ready in time
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { cli, port, uiPort, dbFile, logFile, onSpawn } = options
  const address = `127.0.0.1:${port}`
  const running = await spawnPart({
    name: 'temporal',
    command: cli,
    args: ['server', 'start-dev', ...flagsOf({ port, uiPort, dbFile })],
    logFile,
    isHealthy: () => isReady(address),
    ...(onSpawn && { onSpawn }),
  })
  return { ...running, address, namespace: NAMESPACE, uiUrl: `http://127.0.0.1:${uiPort}` }
}

function flagsOf({ port, uiPort, dbFile }: { port: number; uiPort: number; dbFile: string | undefined }): string[] {
  const flags = ['--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`, '--log-level', 'warn']
  flags.push('--ui-disable-news-fetch') // the page must not need the internet
  // The transfer queue is polled 20 times a second unless told otherwise: every workflow task would wait up to 50 ms.
  flags.push('--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000')
  // Tolerance for skewed clocks of several hosts, 1 s by default: no timer and no retry, of 100 ms or of 1 ms, fires
  // before it is over (measured: 1,008 ms each; with 10 ms: 118 ms and 20 ms). Here is one host.
  flags.push('--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"')
  for (const { name, type } of SEARCH_ATTRIBUTES) flags.push('--search-attribute', `${name}=${flagTypeOf(type)}`)
  // A write-ahead log and a sync per checkpoint instead of per transaction: twice the throughput, and safe against kill -9.
  if (dbFile) flags.push('--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1')
  return flags
}

/** The SDK's KEYWORD_LIST is the CLI's KeywordList. */
function flagTypeOf(type: string): string {
  return type.toLowerCase().replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
}

/** It answers before its namespace and the search attributes are there: a workflow started in between would fail. */
async function isReady(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 })
  try {
    await connection.workflowService.describeNamespace({ namespace: NAMESPACE })
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: NAMESPACE })
    return SEARCH_ATTRIBUTES.every(({ name }) => name in customAttributes)
  } finally {
    await connection.close()
  }
}
