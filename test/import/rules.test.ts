import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RULES } from '../../import/rules.ts'

const DOC = readFileSync(join(import.meta.dirname, '../../docs/import.md'), 'utf8')

describe('the rules of the import', () => {
  it('are the table of docs/import.md', () => {
    const table = DOC.slice(DOC.indexOf('| Rule | Of | Taken | What |')).split('\n\n')[0]?.split('\n').slice(2)
    const rows = Object.entries(RULES).map(
      ([name, { of, taken, what }]) => `| \`${name}\` | ${of} | ${taken ? 'yes' : 'no'} | ${what} |`,
    )
    assert.deepEqual(table, rows)
  })
})
