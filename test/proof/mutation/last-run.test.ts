import assert from 'node:assert/strict'
import { type FileVerdicts, tableOf, verdictsIn, withVerdicts } from './last-run.ts'

const verdicts = (file: string, noticed: number, day = '2026-01-02'): FileVerdicts => ({
  file,
  removed: 3,
  noticed,
  survive: 3 - noticed,
  day,
  commit: 'abc1234',
})

describe('the table of the last run', () => {
  it('keeps of each file what became of it last, in the order of the files, and of no file that has no safeguards any more', () => {
    let doc = 'before\n<!-- last run -->\n<!-- /last run -->\nbehind\n'
    for (const one of [verdicts('b.ts', 3), verdicts('gone.ts', 3)]) doc = withVerdicts(doc, one, ['b.ts', 'gone.ts'])
    for (const one of [verdicts('a.ts', 1), verdicts('b.ts', 2, '2026-01-03')]) doc = withVerdicts(doc, one, ['a.ts', 'b.ts'])
    const kept = [verdicts('a.ts', 1), verdicts('b.ts', 2, '2026-01-03')]
    assert.deepEqual(verdictsIn(doc), kept)
    assert.equal(doc, `before\n<!-- last run -->\n${tableOf(kept)}<!-- /last run -->\nbehind\n`)
    assert.match(doc, /\n\| all \| 6 \| 3 \| 3 \| \| \|\n/)
  })
})
