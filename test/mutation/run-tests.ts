import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The last line of the reporter. */
const SUMMARY = /^(\d+) passed, (\d+) failed/gm
/** A mutation may make a test wait for what never comes. */
const TOO_LONG_MS = 300_000
const TO_END_MS = 20_000

/** `broken`: they did not even begin, so that this says nothing of the tests. */
export type TestVerdict = 'passed' | 'failed' | 'hung' | 'broken'

/** Runs test files in a tree, until the first of their tests fails. */
export async function runTests(tree: string, files: readonly string[]): Promise<{ verdict: TestVerdict; output: string }> {
  const mocha = spawn(process.execPath, [join('node_modules', 'mocha', 'bin', 'mocha.js'), '--bail', ...files], {
    cwd: tree,
    detached: true,
  })
  let output = ''
  for (const stream of [mocha.stdout, mocha.stderr]) stream.on('data', (chunk) => (output += chunk))
  let hung = false
  const end = setTimeout(() => {
    hung = true
    endGroup('SIGINT') // the way out of mocha and of PostgreSQL
    setTimeout(() => endGroup('SIGKILL'), TO_END_MS).unref()
  }, TOO_LONG_MS)
  const [status] = (await once(mocha, 'close')) as [number | null]
  clearTimeout(end)

  function endGroup(signal: 'SIGINT' | 'SIGKILL'): void {
    try {
      if (mocha.pid !== undefined) process.kill(-mocha.pid, signal)
    } catch {} // it has ended
  }
  if (hung) return { verdict: 'hung', output }
  const [, passed = '0', failed = '0'] = [...output.matchAll(SUMMARY)].at(-1) ?? []
  if (Number(failed) > 0) return { verdict: 'failed', output }
  return { verdict: status === 0 && Number(passed) > 0 ? 'passed' : 'broken', output }
}
