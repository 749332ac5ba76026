import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A version of a Go module, and its checksum as go.sum writes it. */
export interface GoModule {
  path: string
  version: string
  /** `h1:…`, of all of its files; its own go.sum holds those of the modules that it needs. */
  sum: string
}

/**
 * Fetches a Go module by the machine's own Go, from whichever proxy that is set to use.
 * @returns the folder of its files, which nobody may change
 * @throws Error if there is no Go, the module can't be had, or it is not the one that was released
 */
export async function fetchGoModule({ path, version, sum }: GoModule, env = process.env): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${path}@${version}`], { env }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('go is not on the PATH: install Go 1.26 or newer')
    throw new Error(`the Go module ${path}@${version} was not fetched: ${(error as { stdout?: string }).stdout || error}`)
  })
  const { Dir: folder, Sum: found } = JSON.parse(stdout) as { Dir: string; Sum: string }
  if (found !== sum)
    throw new Error(
      `the Go module ${path}@${version} is not the one that was released, so it is not used: ${found}, expected ${sum}`,
    )
  return folder
}
