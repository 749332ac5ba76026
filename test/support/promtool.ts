import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Path of `promtool` or `prometheus`.
 * @throws Error saying what to install: rules that nobody checked are worth nothing, so that no test is skipped for it
 */
export function prometheusTool(name: 'promtool' | 'prometheus', env: NodeJS.ProcessEnv = process.env): string {
  const dirs = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const path = dirs.map((dir) => join(dir, name)).find(isProgram)
  if (!path)
    throw new Error(`${name} is not on the PATH: install Prometheus (Debian: apt-get install prometheus), or put it there`)
  return path
}

/** Runs promtool; status 0 is approval. */
export function promtool(args: string[], cwd: string): Promise<{ status: number | null; output: string }> {
  return new Promise((done) => {
    const child = execFile(prometheusTool('promtool'), args, { cwd }, (_, stdout, stderr) => {
      done({ status: child.exitCode, output: stdout + stderr })
    })
  })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
