import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { Connection } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import type { RunningPart } from './processes/part.ts'
import { spawnPart } from './processes/spawn-part.ts'
import { DYNAMIC_CONFIG } from './temporal-settings.ts'

export interface TemporalServerOptions {
  /** Path of the Temporal CLI: see `findTemporalCli`. */
  cli: string
  port: number
  uiPort: number
  /** File in which workflows are kept; its folder must exist. @default in memory */
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
/** One question whether it is ready; the next one follows. Milliseconds. */
const ANSWERS_WITHIN = 10_000

/**
 * Temporal's dev server on 127.0.0.1, with its web UI and our search attributes.
 * @throws Error with the end of its log when it ends or gets no further before it is ready
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { cli, port, uiPort, dbFile, logFile, onSpawn } = options
  const address = `127.0.0.1:${port}`
  const whole = dbFile === undefined ? async () => {} : await beginDatabase(dbFile)
  const running = await spawnPart({
    name: 'temporal',
    command: cli,
    args: ['server', 'start-dev', ...flagsOf({ port, uiPort, dbFile })],
    logFile,
    isHealthy: () => isReady(address),
    ...(onSpawn && { onSpawn }),
  })
  await whole()
  return { ...running, address, namespace: NAMESPACE, uiUrl: `http://127.0.0.1:${uiPort}` }
}

/**
 * Marks a database file that is not there yet as unfinished until its server is ready. One that a start left unfinished, since it was killed, is removed:
 * it may have half a schema, on which no server starts.
 * @returns takes the mark away
 */
async function beginDatabase(dbFile: string): Promise<() => Promise<void>> {
  const mark = `${dbFile}.unfinished`
  if (existsSync(mark)) for (const suffix of ['', '-wal', '-shm']) await rm(`${dbFile}${suffix}`, { force: true })
  if (!existsSync(dbFile)) await writeFile(mark, '')
  return () => rm(mark, { force: true })
}

function flagsOf({ port, uiPort, dbFile }: { port: number; uiPort: number; dbFile: string | undefined }): string[] {
  const flags = ['--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`, '--log-level', 'warn']
  flags.push('--ui-disable-news-fetch') // the page must not need the internet
  for (const [name, value] of Object.entries(DYNAMIC_CONFIG)) {
    flags.push('--dynamic-config-value', `${name}=${JSON.stringify(value)}`)
  }
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
  const connection = await Connection.connect({ address, connectTimeout: ANSWERS_WITHIN })
  try {
    return await connection.withDeadline(Date.now() + ANSWERS_WITHIN, async () => {
      await connection.workflowService.describeNamespace({ namespace: NAMESPACE })
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: NAMESPACE })
      return SEARCH_ATTRIBUTES.every(({ name }) => name in customAttributes)
    })
  } finally {
    await connection.close()
  }
}
