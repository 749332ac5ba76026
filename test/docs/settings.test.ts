import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Setting } from '../../config/setting.ts'
import { SETTINGS } from '../../config/settings.ts'
import { settingsTable } from '../support/settings-table.ts'

describe('docs/settings.md', () => {
  it('is the table of config/settings.ts (npm run settings writes it)', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8')
    const [, table] = /<!-- settings -->\n(.*)\n<!-- \/settings -->/s.exec(page) ?? []
    assert.equal(table, settingsTable())
  })

  it('says of each setting what it is, in words that stand alone', () => {
    for (const [name, { meaning }] of Object.entries<Setting>(SETTINGS)) {
      assert.doesNotMatch(meaning, /^(Of|Between|Where|Whether|How|In|At|For|By|On|With|To|From|Those|It|Its|Their)\b/, name)
      assert.doesNotMatch(meaning, /[|\n]|\.$/, name)
    }
  })
})
