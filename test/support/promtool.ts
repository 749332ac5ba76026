import { execFile } from 'node:child_process'
import { onPath } from './on-path.ts'

/**
 * Path of `promtool` or `prometheus`.
 * @throws Error saying what to install: rules that nobody checked are worth nothing, so that no test is skipped for it
 */
export function prometheusTool(name: 'promtool' | 'prometheus', env: NodeJS.ProcessEnv = process.env): string {
  const path = onPath([name], env)
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
