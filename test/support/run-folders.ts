import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { killTree } from './process-tree.ts'

const PROJECT = join(import.meta.dirname, '../..')
const MOCHA = join(PROJECT, 'node_modules/mocha/bin/mocha.js')
/** The last line that reporter.cjs prints. */
const SUMMARY = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm
/** Line that it prints each minute of a test that takes long: shown at once. */
const STILL = /^still in .*$/gm
/** A mocha that hangs does not even say that; it may be at one long computation, though, on a slow machine. Milliseconds. */
const SILENT_AT_MOST = 600_000

export interface RunFoldersOptions {
  /** Number of folders that run at the same time. */
  atOnce: number
  /** These folders before the others, in this order. */
  first?: readonly string[]
  /** Further arguments of each mocha. */
  mochaArgs?: readonly string[]
  /** A mocha that says nothing for so long is ended, and counts as failed. Milliseconds. @default 600000 */
  silentAtMost?: number
  print?: (text: string) => void
}

/** The tests of a folder, and what they printed so far. */
interface Run {
  folder: string
  mocha: ChildProcess
  began: number
  output: string
}

/**
 * Runs test files, those of a folder by one mocha, which shares its fixtures among them. What a folder prints is shown when it
 * is done, and before that what takes minutes; the last line sums up all of them: `N passed, N failed`. A mocha that fails
 * otherwise than by its tests, or hangs, is one more failure.
 * @returns the status to leave with: 1 if anything failed
 */
export async function runFolders(files: readonly string[], options: RunFoldersOptions): Promise<number> {
  const { atOnce, first = [], mochaArgs = [], silentAtMost = SILENT_AT_MOST } = options
  const { print = (text) => process.stdout.write(text) } = options
  const folders = new Set(files.map((file) => dirname(file)).sort())
  const left = [...new Set([...first.filter((folder) => folders.has(folder)), ...folders])]
  const underWay = new Set<Run>()
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const failedFolders: string[] = []

  const stop = () => {
    // What a folder said until now shows where it hangs.
    for (const run of underWay) print(told(run, 'stopped after'))
    for (const { mocha } of underWay) mocha.kill('SIGINT')
    process.exit(130)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)

  const runOne = async (folder: string) => {
    print(`${folder} begins\n`)
    const mocha = start([...mochaArgs, ...files.filter((file) => dirname(file) === folder)])
    const run: Run = { folder, mocha, began: Date.now(), output: '' }
    underWay.add(run)
    const hangs = setTimeout(() => {
      run.output += `\nended, since it had said nothing for ${silentAtMost / 1_000} s\n`
      if (mocha.pid !== undefined) killTree(mocha.pid)
    }, silentAtMost)
    for (const stream of [mocha.stdout, mocha.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        hangs.refresh()
        run.output += text
        for (const [line] of text.matchAll(STILL)) print(`${folder}: ${line}\n`)
      })
    }
    const [status] = await once(mocha, 'close')
    clearTimeout(hangs)
    underWay.delete(run)
    print(told(run, 'took'))
    const [summary, passed = 0, failed = 0, skipped = 0] = [...run.output.matchAll(SUMMARY)].at(-1) ?? []
    const wentWell = status === 0 && summary
    sum.passed += Number(passed)
    sum.failed += Number(failed) || (wentWell ? 0 : 1)
    sum.skipped += Number(skipped)
    if (!wentWell) failedFolders.push(folder)
  }
  const runNext = async () => {
    for (let folder = left.shift(); folder !== undefined; folder = left.shift()) await runOne(folder)
  }
  await Promise.all(Array.from({ length: atOnce }, runNext))
  process.off('SIGINT', stop).off('SIGTERM', stop)

  const { passed, failed, skipped } = sum
  if (failed > 0) print(`\nfailed: ${failedFolders.join(', ')}\n`)
  print(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  return failed > 0 ? 1 : 0
}

function start(args: readonly string[]) {
  // A group of its own: what runs the tests is a child of this process, since .mocharc.json has options for Node.
  return spawn(process.execPath, [MOCHA, ...args], { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

function told({ folder, began, output }: Run, how: string): string {
  return `\n== ${folder}, ${how} ${Math.round((Date.now() - began) / 1_000)} s\n${output}`
}
