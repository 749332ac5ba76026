import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allCells, FAULTS } from './cells.ts'
import { ENDINGS } from './judge.ts'
import { NO_CELL } from './matrix-table.ts'
import { inventoryOf, STEPS, type StepName, stepOf } from './steps.ts'

describe('the table of docs/failure-model.md', () => {
  let head: string[]
  let rows: string[][]

  before(async () => {
    const text = await readFile(join(import.meta.dirname, '../../../../docs/failure-model.md'), 'utf8')
    const [, table = ''] = /<!-- matrix -->\n([\s\S]*)\n<!-- \/matrix -->/.exec(text) ?? []
    const cells = table.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    ;[head = [], , ...rows] = cells
  })

  it('has the rows and columns of the matrix', () => {
    assert.deepEqual(head, ['step', ...FAULTS])
    assert.deepEqual(
      rows.map(([step]) => step),
      (Object.keys(STEPS) as StepName[]).map((step) => `${step} (${stepOf(step).party})`),
    )
  })

  it('tells an ending for each cell that there is, and for no other', () => {
    const exist = new Set(allCells().map(({ step, fault }) => `${step} × ${fault}`))
    for (const [i, step] of Object.keys(STEPS).entries()) {
      for (const [j, fault] of FAULTS.entries()) {
        const text = rows[i]?.[j + 1] ?? ''
        const name = `${step} × ${fault}`
        assert.equal(text !== NO_CELL, exist.has(name), name)
        if (text === NO_CELL) continue
        for (const part of text.split('; ')) {
          const ending = part.replace(/^[a-z, -]+: /, '')
          assert.ok((ENDINGS as readonly string[]).includes(ending), `${name}: ${text}`)
        }
      }
    }
  })

  it('is of cells that share neither a user nor the goods of one inventory', () => {
    const cells = allCells()
    assert.equal(new Set(cells.map(({ userId }) => userId)).size, cells.length)
    const goods = cells.map(({ lane, goodsId }) => `${inventoryOf(lane)} ${goodsId}`)
    assert.equal(new Set(goods).size, cells.length)
    // Goods 188 and 189, users 499 and 500 are for orders beside the matrix; those above are scarce, dear, or nobody.
    assert.ok(cells.every(({ userId, goodsId }) => userId < 499 && goodsId < 188))
  })
})
