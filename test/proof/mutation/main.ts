import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SAFEGUARDS } from './all-safeguards.ts'
import { type FileVerdicts, tableOf, withVerdicts } from './last-run.ts'
import { endTests, runTests } from './run-tests.ts'
import { ScratchTree } from './scratch-tree.ts'

/*
 * Removes one safeguard after the other, in a copy of the tree, and asks whether the tests notice:
 *
 *     npm run mutate
 *     npm run mutate -- --list
 *     npm run mutate -- --only store/ --only services/ --grep deadlock
 *     npm run mutate -- --only store/ --write      # and keeps what became of it in docs/mutations.md
 *
 * Status 1 if a removal went unnoticed for which docs/mutations.md has no reason, or a mutation or a test is broken by itself.
 */
const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    grep: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
})
const DOC = join(import.meta.dirname, '../../..', 'docs/mutations.md')
/**
 * Time within which some test has to end: at least this long, and this many times as long as it ever took with every safeguard
 * in place. Tests wait three minutes themselves.
 */
const SILENT = { atLeastMs: 200_000, times: 2 }
const asked = new RegExp(values.grep, 'i')
const chosen = SAFEGUARDS.filter(
  ({ file, find, breaks }) => values.only.some((path) => file.startsWith(path)) && asked.test(`${find} ${breaks}`),
)
const nameOf = ({ file, find, breaks }: (typeof SAFEGUARDS)[number]) =>
  `${file}: ${find.trim().replaceAll(/\s+/g, ' ').slice(0, 70)}\n         ${breaks}`

if (values.list) {
  for (const safeguard of chosen) console.log(`         ${nameOf(safeguard)}`)
} else {
  process.exitCode = await removeEach()
}

async function removeEach(): Promise<number> {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const tree = await ScratchTree.make()
  const stop = async () => {
    endTests()
    await tree.remove()
    process.exit(130)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const unexpected: string[] = []
  const files: FileVerdicts[] = []
  try {
    const silences = new Map<string, number>()
    for (const file of new Set(chosen.map((safeguard) => safeguard.file))) {
      const ofFile = chosen.filter((safeguard) => safeguard.file === file)
      const verdicts = { ...newVerdicts(file, commit), removed: ofFile.length }
      for (const safeguard of ofFile) {
        const { survives, tests } = safeguard
        for (const test of tests) if (!silences.has(test)) silences.set(test, await runAsItIs(tree, test))
        const silentAtMost = SILENT.atLeastMs + SILENT.times * Math.max(...tests.map((test) => silences.get(test) ?? 0))
        const { verdict, output } = await tree.without(safeguard, () => runTests(tree.path, tests, silentAtMost))
        const isNoticed = verdict === 'failed' || verdict === 'hung'
        if (isNoticed) verdicts.noticed++
        else if (verdict === 'passed' && survives) verdicts.survive++
        const word = isNoticed ? 'noticed' : verdict === 'broken' ? 'BROKEN' : survives ? 'known' : 'SURVIVED'
        console.log(`${word.padEnd(8)} ${nameOf(safeguard)}${verdict === 'hung' ? '\n         (its tests waited for ever)' : ''}`)
        if (word === 'BROKEN') console.log(output.slice(-2_000))
        if (word === 'BROKEN' || word === 'SURVIVED') unexpected.push(nameOf(safeguard))
        if (isNoticed && survives) console.log('         docs/mutations.md says that nothing notices: take its reason away')
      }
      files.push(verdicts)
      if (values.write) keep(verdicts)
    }
  } finally {
    await tree.remove()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  console.log(`\n${tableOf(files)}`)
  if (unexpected.length > 0) console.log(`to be looked at:\n         ${unexpected.join('\n         ')}`)
  return unexpected.length > 0 ? 1 : 0
}

/** @returns the longest time in which no test of the file ended, in milliseconds */
async function runAsItIs(tree: ScratchTree, file: string): Promise<number> {
  const { verdict, output, longestSilence } = await runTests(tree.path, [file])
  if (verdict !== 'passed') throw new Error(`${file} fails with every safeguard in place (${verdict}):\n${output.slice(-3_000)}`)
  return longestSilence
}

function newVerdicts(file: string, commit: string): FileVerdicts {
  return { file, removed: 0, noticed: 0, survive: 0, day: new Date().toISOString().slice(0, 10), commit }
}

/** Nothing of a file of which some safeguards were left out, or have no verdict that could stand. */
function keep(verdicts: FileVerdicts): void {
  const { file, removed, noticed, survive } = verdicts
  if (removed !== SAFEGUARDS.filter((safeguard) => safeguard.file === file).length || removed !== noticed + survive) return
  const files = [...new Set(SAFEGUARDS.map((safeguard) => safeguard.file))]
  writeFileSync(DOC, withVerdicts(readFileSync(DOC, 'utf8'), verdicts, files))
}
