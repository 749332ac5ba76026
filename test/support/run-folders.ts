import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { killTree } from './process-tree.ts'

const PROJECT = join(import.meta.dirname, '../..')
const MOCHA = join(PROJECT, 'node_modules/mocha/bin/mocha.js')
/** The last line that reporter.cjs prints. */
const SUMMARY = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm
/** Part of a mocha's output that names the failed tests: from their number on to the last line. */
const FAILURES = /^ {2}\d+ failing\n.*(?=^\d+ passed, )/ms
/** Number of lines that are shown of what a mocha said last if it did not get that far. */
const LAST_LINES = 40
/** Line that it prints each minute of a test that takes long: shown at once. */
const STILL = /^still in .*$/gm
/** A mocha that hangs does not even say that; it may be at one long computation, though, on a slow machine. Milliseconds. */
const SILENT_AT_MOST = 600_000

export interface RunFoldersOptions {
  /** Number of folders that run at the same time. */
  atOnce: number
  /** Returns true for a file that needs much of the machine: those of a folder are run apart from its other files. @default none */
  isHeavy?: (file: string) => boolean
  /** Number of folders that run their heavy files at the same time. @default atOnce */
  heavyAtOnce?: number
  /** Folders whose files, but for heavy ones, are run by one mocha: its start and its fixtures are shared among them. @default none */
  together?: readonly (readonly string[])[]
  /** Folders whose heavy files are run by one mocha, likewise. @default none */
  heavyTogether?: readonly (readonly string[])[]
  /** Folders that begin before the others, in this order; heavy files go first of all. */
  first?: readonly string[]
  /** Further arguments of each mocha. */
  mochaArgs?: readonly string[]
  /** A mocha that says nothing for so long is ended, and counts as failed. Milliseconds. @default 600000 */
  silentAtMost?: number
  print?: (text: string) => void
}

/** Test files of a folder that one mocha runs: the heavy ones, or the others, of several folders if they are run together. */
interface Group {
  folder: string
  files: string[]
  isHeavy: boolean
}

/** Run of a group, and what it printed so far. */
interface Run extends Group {
  mocha: ChildProcess
  began: number
  output: string
}

/**
 * Runs test files, those of a folder by one mocha, which shares its fixtures among them; its heavy files by another one, since only
 * `heavyAtOnce` of these may run at the same time. What a folder prints is shown when it
 * is done, and before that what takes minutes. Behind all of it stands once more what failed, and the last line sums up: `N passed, N failed`.
 * A mocha that fails otherwise than by its tests, or hangs, is one more failure.
 * @returns the status to leave with: 1 if anything failed
 */
export async function runFolders(files: readonly string[], options: RunFoldersOptions): Promise<number> {
  const { atOnce, heavyAtOnce = atOnce, mochaArgs = [], silentAtMost = SILENT_AT_MOST } = options
  const { print = (text) => process.stdout.write(text) } = options
  const left = groupsOf(files, options)
  const underWay = new Set<Run>()
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const failedRuns: Run[] = []

  const stop = () => {
    // What a folder said until now shows where it hangs.
    for (const run of underWay) print(told(run, 'stopped after'))
    for (const { mocha } of underWay) mocha.kill('SIGINT')
    process.exit(130)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)

  const runOne = async (group: Group) => {
    const { folder } = group
    print(`${folder} begins\n`)
    const mocha = start([...mochaArgs, ...group.files])
    const run: Run = { ...group, mocha, began: Date.now(), output: '' }
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
    if (!wentWell) failedRuns.push(run)
  }
  const next = () => {
    const heavy = [...underWay].filter(({ isHeavy }) => isHeavy).length
    const at = left.findIndex(({ isHeavy }) => !isHeavy || heavy < heavyAtOnce)
    return at < 0 ? undefined : left.splice(at, 1)[0]
  }
  // One that finds only heavy groups too many ends: those that run the others come for them.
  const runNext = async () => {
    for (let group = next(); group !== undefined; group = next()) await runOne(group)
  }
  await Promise.all(Array.from({ length: atOnce }, runNext))
  process.off('SIGINT', stop).off('SIGTERM', stop)

  const { passed, failed, skipped } = sum
  // Once more at the end, which is what is kept and looked at of a long output.
  for (const run of failedRuns) print(`\n== ${run.folder}, what failed there\n${failuresOf(run)}`)
  if (failed > 0) print(`\nfailed: ${failedRuns.map(({ folder }) => folder).join(', ')}\n`)
  print(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  return failed > 0 ? 1 : 0
}

/** Returns the groups in the order in which they begin: heavy ones before others, the folders of `first` before others of their kind. */
function groupsOf(files: readonly string[], options: RunFoldersOptions): Group[] {
  const { isHeavy = () => false, first = [], together = [], heavyTogether = [] } = options
  const groups: Group[] = []
  for (const file of [...files].sort()) {
    const [own, heavy] = [dirname(file), isHeavy(file)]
    const folders = (heavy ? heavyTogether : together).find((some) => some.includes(own))
    const folder = folders?.join(', ') ?? own
    const group = groups.find((one) => one.folder === folder && one.isHeavy === heavy)
    if (group) group.files.push(file)
    else groups.push({ folder, files: [file], isHeavy: heavy })
  }
  const place = ({ files }: Group) => {
    const folders = new Set(files.map((file) => dirname(file)))
    const at = first.findIndex((folder) => folders.has(folder))
    return at < 0 ? first.length : at
  }
  return groups.sort((a, b) => Number(b.isHeavy) - Number(a.isHeavy) || place(a) - place(b))
}

function start(args: readonly string[]) {
  // A group of its own: what runs the tests is a child of this process, since .mocharc.json has options for Node.
  return spawn(process.execPath, [MOCHA, ...args], { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

function failuresOf({ output }: Run): string {
  const [failures = `${output.trimEnd().split('\n').slice(-LAST_LINES).join('\n')}\n`] = FAILURES.exec(output) ?? []
  return failures
}

function told({ folder, began, output }: Run, how: string): string {
  return `\n== ${folder}, ${how} ${Math.round((Date.now() - began) / 1_000)} s\n${output}`
}
