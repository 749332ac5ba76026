import { parseArgs } from 'node:util'
import { SAFEGUARDS } from './all-safeguards.ts'
import { runTests } from './run-tests.ts'
import { ScratchTree } from './scratch-tree.ts'

/*
 * Removes one safeguard after the other, in a copy of the tree, and asks whether the tests notice:
 *
 *     npm run mutate
 *     npm run mutate -- --list
 *     npm run mutate -- --only store/ --grep deadlock
 *
 * Status 1 where a removal went unnoticed for which docs/mutations.md has no reason, or a mutation or a test is broken by itself.
 */
const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    grep: { type: 'string', default: '' },
  },
})
const asked = new RegExp(values.grep, 'i')
const chosen = SAFEGUARDS.filter(({ file, find, breaks }) => file.startsWith(values.only) && asked.test(`${find} ${breaks}`))
const nameOf = ({ file, find, breaks }: (typeof SAFEGUARDS)[number]) =>
  `${file}: ${find.trim().replaceAll(/\s+/g, ' ').slice(0, 70)}\n         ${breaks}`

if (values.list) {
  for (const safeguard of chosen) console.log(`         ${nameOf(safeguard)}`)
} else {
  process.exitCode = await removeEach()
}

async function removeEach(): Promise<number> {
  const tree = await ScratchTree.make()
  const unexpected: string[] = []
  let noticed = 0
  try {
    for (const file of new Set(chosen.flatMap(({ tests }) => tests))) {
      const { verdict, output } = await runTests(tree.path, [file])
      if (verdict !== 'passed')
        throw new Error(`${file} fails with every safeguard in place (${verdict}):\n${output.slice(-3_000)}`)
    }
    for (const safeguard of chosen) {
      const { verdict, output } = await tree.without(safeguard, () => runTests(tree.path, safeguard.tests))
      const isNoticed = verdict === 'failed' || verdict === 'hung'
      if (isNoticed) noticed++
      const word = isNoticed ? 'noticed' : verdict === 'broken' ? 'BROKEN' : safeguard.survives ? 'known' : 'SURVIVED'
      console.log(`${word.padEnd(8)} ${nameOf(safeguard)}`)
      if (word === 'BROKEN') console.log(output.slice(-2_000))
      if (word === 'BROKEN' || word === 'SURVIVED') unexpected.push(nameOf(safeguard))
      if (isNoticed && safeguard.survives)
        console.log('         docs/mutations.md says that nothing notices: take its reason away')
    }
  } finally {
    await tree.remove()
  }
  console.log(`\n${chosen.length} safeguards removed, ${noticed} noticed, ${chosen.length - noticed} not`)
  if (unexpected.length > 0) console.log(`to be looked at:\n         ${unexpected.join('\n         ')}`)
  return unexpected.length > 0 ? 1 : 0
}
