import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killTree } from '../../support/process-tree.ts'

/** The last line of the reporter. */
const SUMMARY = /^(\d+) passed, (\d+) failed/gm
/** Line that the reporter prints of a test that ended; a log, or `still in …`, is no progress. */
const TEST_ENDED = /^\s+(?:[✔√] |\d+\) |- )/m
/** Time to receive the output of what was ended. */
const TO_CLOSE_MS = 10_000

/**
 * - `hung`: no test ended for longer than the limit
 * - `broken`: they did not even begin, so that this says nothing of the tests
 */
export type TestVerdict = 'passed' | 'failed' | 'hung' | 'broken'

export interface TestRun {
  verdict: TestVerdict
  output: string
  /** The longest time in which no test ended, the beginning and the end included. Milliseconds. */
  longestSilence: number
}

const running = new Set<number>()

/** Ends the tests that run, with all that they started. */
export function endTests(): void {
  for (const pid of running) killTree(pid)
}

/**
 * Runs test files in a tree, until the first of their tests fails.
 * @param silentAtMost a removed safeguard may make a test wait for what never comes: ended, with all that it started, when no test
 * has ended for so long. Milliseconds. @default no limit
 */
export async function runTests(tree: string, files: readonly string[], silentAtMost?: number): Promise<TestRun> {
  const mocha = spawn(process.execPath, [join('node_modules', 'mocha', 'bin', 'mocha.js'), '--bail', ...files], {
    cwd: tree,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (mocha.pid !== undefined) running.add(mocha.pid)
  let output = ''
  let longestSilence = 0
  let heard = performance.now()
  const hear = () => {
    longestSilence = Math.max(longestSilence, performance.now() - heard)
    heard = performance.now()
  }
  const closed = once(mocha, 'close') as Promise<[number | null]>
  const hung = new Promise<undefined>((resolve) => {
    const limit = silentAtMost === undefined ? undefined : setTimeout(() => resolve(undefined), silentAtMost)
    for (const stream of [mocha.stdout, mocha.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (!TEST_ENDED.test(text)) return
        limit?.refresh()
        hear()
      })
    }
    mocha.once('close', () => clearTimeout(limit))
  })
  const ended = await Promise.race([closed, hung])
  if (mocha.pid !== undefined) running.delete(mocha.pid)
  if (!ended) {
    if (mocha.pid !== undefined) killTree(mocha.pid)
    await Promise.race([closed, sleep(TO_CLOSE_MS)])
    for (const stream of [mocha.stdout, mocha.stderr]) stream.destroy()
    return { verdict: 'hung', output, longestSilence }
  }
  hear()
  const [, passed = '0', failed = '0'] = [...output.matchAll(SUMMARY)].at(-1) ?? []
  const [status] = ended
  const verdict = Number(failed) > 0 ? 'failed' : status === 0 && Number(passed) > 0 ? 'passed' : 'broken'
  return { verdict, output, longestSilence }
}
