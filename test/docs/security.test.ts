import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')

describe('SECURITY.md', () => {
  it('names for each of the ten risks tests that there are', async () => {
    const text = await readFile(join(PROJECT, 'SECURITY.md'), 'utf8')
    const rows = text.split('\n').filter((line) => /^\| API\d+ /.test(line))
    assert.equal(rows.length, 10)
    for (const row of rows) {
      const tests = row.split('|').at(-2) ?? ''
      const named = [...tests.matchAll(/\]\(([^)]+)\): ((?:"[^"]+"(?:, )?)+)/g)]
      assert.ok(named.length > 0, row)
      for (const [, file = '', titles = ''] of named) {
        const source = await readFile(join(PROJECT, file), 'utf8')
        for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
          assert.ok(source.includes(`it('${title}'`) || source.includes(`it(\`${title}\``), `${file} has no test "${title}"`)
        }
      }
    }
  })
})
