import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SAFEGUARDS } from './all-safeguards.ts'

const PROJECT = join(import.meta.dirname, '../../..')

describe('the list of safeguards', () => {
  it('names texts that stand in their files, each exactly once', () => {
    const lost = SAFEGUARDS.filter(({ file, find }) => textOf(file).split(find).length !== 2)
    assert.deepEqual(
      lost.map(({ file, find }) => `${file}: ${find}`),
      [],
    )
  })

  it('changes what it names, by another mutation each, and names tests that there are', () => {
    assert.ok(SAFEGUARDS.length >= 50)
    assert.equal(
      new Set(SAFEGUARDS.map(({ file, find, replace }) => JSON.stringify([file, find, replace]))).size,
      SAFEGUARDS.length,
    )
    for (const { file, find, replace, tests, breaks } of SAFEGUARDS) {
      assert.notEqual(find, replace, file)
      assert.ok(breaks.length > 10, file)
      assert.ok(tests.length > 0, file)
      for (const test of tests) assert.ok(existsSync(join(PROJECT, test)), test)
    }
  })

  it('says in docs/mutations.md why a removal is not noticed, of each and of no other', () => {
    const [, table = ''] = textOf('docs/mutations.md').split(/<!-- \/?survivors -->/)
    const rows = SAFEGUARDS.flatMap(({ file, find, breaks, survives }) =>
      survives ? [`| \`${file}\` | \`${find.trim()}\` | ${breaks} | ${survives} |`] : [],
    )
    assert.equal(table.trim(), ['| File | Line | Without it | Why nothing notices |', '|---|---|---|---|', ...rows].join('\n'))
  })
})

function textOf(file: string): string {
  return readFileSync(join(PROJECT, file), 'utf8')
}
