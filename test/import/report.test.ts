import assert from 'node:assert/strict'
import { localTime } from '../../import/local-time.ts'
import { Progress } from '../../import/progress.ts'
import { Report, ranges } from '../../import/report.ts'
import { suppliedOf } from '../../import/supplied.ts'

describe('the report of an import', () => {
  it('names every row, those that follow each other by a range', () => {
    assert.equal(ranges([5, 7, 9, 8, 12, 5]), '5, 7-9, 12')
    const report = new Report()
    report.add('unknown-status', [5, 6])
    report.add('lines-merged', [9])
    report.add('cart-deleted', [])
    const text = report.text({ dryRun: false })
    assert.match(
      text,
      /Left out:\n {2}unknown-status: 2 orders: its status is none of the five\n {4}5-6\n\nTaken, though not as they were:\n {2}lines-merged/,
    )
    assert.doesNotMatch(text, /cart-deleted/)
  })

  it('leaves out nothing by rows that were deleted there', () => {
    const report = new Report()
    report.add('cart-deleted', [1])
    report.add('line-deleted', [1])
    assert.equal(report.leavesOut(), false)
    report.add('line-without-order', [1])
    assert.equal(report.leavesOut(), true)
  })
})

describe('the progress of an import', () => {
  it('is a bar on a terminal, and lines elsewhere', () => {
    for (const isTTY of [true, false]) {
      const written: unknown[] = []
      const progress = new Progress('orders', 1_000, { isTTY, write: (chunk: unknown) => written.push(chunk) > 0 })
      progress.show(500)
      progress.show(501)
      progress.end(1_000)
      const shown = isTTY
        ? /^\r\[={15} {15}\] 500 of 1,000 orders, [\d,]+\/s, \d+ s left\S*\r\[={30}\] 1,000 of 1,000 orders, [\d,]+\/s\S*\n$/
        : /^50 %: 500 of 1,000 orders, [\d,]+\/s, \d+ s left\n100 %: 1,000 of 1,000 orders, [\d,]+\/s\n$/
      assert.match(written.join(''), shown)
    }
  })
})

describe('what an owner says was put into the inventory', () => {
  it('is a line for each goods, below a heading or none', () => {
    assert.deepEqual(
      [...suppliedOf('goods,pieces\n31,100\r\n 32 ; 5\n31,1\n\n')],
      [
        [31, 101],
        [32, 5],
      ],
    )
    assert.throws(() => suppliedOf('31,100\n32,many'), /line 2 of the file of --supplied must be GOODS,PIECES/)
    assert.throws(() => suppliedOf('31,100\n0,1'), /line 2/)
  })
})

describe('the local time of a source', () => {
  it('is that of its zone, as the source writes it', () => {
    const at = Date.parse('2026-10-31T16:05:09.123Z')
    assert.deepEqual([localTime('Asia/Shanghai', at), localTime('UTC', at)], ['2026-11-01 00:05:09', '2026-10-31 16:05:09'])
  })
})
