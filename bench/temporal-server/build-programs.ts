import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** One patch release above that of the dev server (dev/programs/temporal-cli.ts). Its go.mod asks for Go 1.26.8. */
const VERSION = 'v1.32.1'
const MODULE = 'go.temporal.io/server/cmd'
/** Flags of the server's own Makefile: no C, and without the transports of gRPC that it does not use. */
const BUILD_FLAGS = ['-tags', 'disable_grpc_modules']

export interface TemporalPrograms {
  version: string
  /** Path of the server, all of its services in one. */
  server: string
  /** Path of the tool that creates and updates its SQL schemas. */
  sqlTool: string
}

/**
 * Temporal's server and its SQL tool, built from the Go module proxy that this machine is configured for, once for each
 * data folder.
 * @param log a line for each step
 * @throws Error saying that Go is missing, or what it could not build; the signal's reason when that ended it
 */
export async function buildPrograms(
  dataDir: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<TemporalPrograms> {
  const bin = join(dataDir, `temporal-${VERSION}`)
  const programs = { version: VERSION, server: join(bin, 'server'), sqlTool: join(bin, 'sql') }
  if (existsSync(programs.server) && existsSync(programs.sqlTool)) {
    log(`Temporal server ${VERSION}: built before`)
    return programs
  }
  log(`Temporal server ${VERSION}: building it with Go, which takes some minutes the first time`)
  await mkdir(bin, { recursive: true })
  const packages = [`${MODULE}/server@${VERSION}`, `${MODULE}/tools/sql@${VERSION}`]
  await run('go', ['install', ...BUILD_FLAGS, ...packages], {
    env: { ...process.env, GOBIN: bin, CGO_ENABLED: '0' },
    maxBuffer: 10_000_000, // it names each of some hundred modules that it fetches
    signal,
  }).catch((error: NodeJS.ErrnoException) => {
    signal.throwIfAborted()
    if (error.code === 'ENOENT') throw new Error('go was not found: install Go 1.26.8 or later, it builds the Temporal server')
    throw error
  })
  return programs
}
