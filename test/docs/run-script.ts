import { execFile } from 'node:child_process'
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')

/** Runs a document's commands in the project's folder, and stops at the first that fails. */
export function runScript(script: string, env: NodeJS.ProcessEnv): Promise<{ status: number; out: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      'bash',
      ['-euo', 'pipefail', '-c', script],
      { cwd: PROJECT, env, maxBuffer: 10_000_000 },
      (error, out, err) => resolve({ status: error ? (child.exitCode ?? -1) : 0, out: out + err }),
    )
  })
}
