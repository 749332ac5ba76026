import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { access, constants, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fetchGoModule, type GoModule } from './go-module.ts'

/** A program that is built from a Go module. */
export interface GoProgram extends GoModule {
  /** File name. */
  command: string
  /** Its package within the module: `./cmd/helm`. */
  package: string
}

interface Options {
  /** Hears what is done, and how far it is. */
  log: (line: string) => void
  /** Folder in which built programs are kept. */
  cacheDir: string
  /** @default that of this process */
  env?: NodeJS.ProcessEnv
}

/** Compiled packages between two lines of progress. */
const STEP = 100

/**
 * Path of a program: that of the cache, or built there from its module. What it is built of is pinned by the checksums of its module and of the go.sum in it.
 * @throws Error if it can't be built
 */
export async function goProgram(program: GoProgram, options: Options): Promise<string> {
  const { command, version } = program
  const { cacheDir, env = process.env } = options
  const log = (line: string) => options.log(`${command}: ${line}`)
  const cached = join(cacheDir, `${command}-${version.replace(/^v/, '')}`, command)
  if (await isProgram(cached)) {
    log('found in the cache')
    return cached
  }
  const folder = await fetchGoModule(program, env)
  log(`building version ${version}, which takes minutes`)
  await mkdir(dirname(cached), { recursive: true })
  const partial = `${cached}.${randomUUID()}.partial`
  try {
    const args = [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags=-s -w',
      '-v',
      '-o',
      partial,
      program.package,
    ]
    const child = spawn('go', args, {
      cwd: folder,
      env: { ...env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = once(child, 'close')
    let compiled = 0
    const said: string[] = []
    for await (const line of createInterface(child.stderr)) {
      said.push(line)
      if (++compiled % STEP === 0) log(`${compiled} packages compiled`)
    }
    const [status] = await ended
    if (status !== 0) throw new Error(`${command} ${version} was not built: ${said.slice(-20).join('\n')}`)
    await rename(partial, cached)
  } finally {
    await rm(partial, { force: true })
  }
  log(`built version ${version}`)
  return cached
}

async function isProgram(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
