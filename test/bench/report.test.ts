import assert from 'node:assert/strict'
import { chart } from '../../bench/report/chart.ts'
import type { Cell } from '../../bench/report/results.ts'
import { resultsTable } from '../../bench/report/results-table.ts'
import { summarise } from '../../bench/report/summarise.ts'

const cell = (ordersPerSecond: number, p50: number): Cell => ({
  ordersPerSecond,
  latencyMs: { p50, p95: p50 * 2, p99: p50 * 3, max: p50 * 4 },
  orders: 10,
  failed: 0,
  otherwise: {},
  load: 0,
  cpuMs: { starter: 1, temporal: 0.5, postgres: 0.25, services: 9, load: 9 },
  ofDirect: 0.5,
})

describe('report of a bench', () => {
  const line = summarise('a <row> & more', 16, [cell(1_000, 10), cell(3_000, 30), cell(1_200, 12)])

  it('shows the median of the rounds, and the slowest and fastest beside it', () => {
    assert.equal(line.ordersPerSecond, 1_200)
    assert.deepEqual(line.spread, [1_000, 3_000])
    assert.equal(line.latencyMs?.p50, 12)
    assert.match(resultsTable([line]), /\| +16 \| a <row> & more \| +1,200 \| 1,000–3,000 \| +0\.50 \| +12\.0 \|/)
  })

  it('counts the CPU time of the row, Temporal and PostgreSQL, and not that of the bench itself', () => {
    assert.match(resultsTable([line]), /\| +1\.75 \| +1\.00 \| +0\.50 \| +0\.25 \|$/m)
  })

  it('counts the CPU time of the database of Temporal too, if it has one, and shows it beside its own', () => {
    const withDatabase = { ...line, cpuMs: { ...line.cpuMs, 'temporal database': 2 } }
    assert.match(resultsTable([withDatabase]), /\| +3\.75 \| +1\.00 \| +0\.50 \| +2\.00 \| +0\.25 \|$/m)
  })

  it('leaves a column out that no row has a figure for', () => {
    assert.doesNotMatch(resultsTable([line]), /events|failed|worker/)
  })

  it('says that there is no order, of a row without any, and leaves its rounds out of the figures of others', () => {
    const none: Cell = { ordersPerSecond: 0, orders: 0, failed: 7, otherwise: {}, load: 0 }
    const nothing = summarise('stuck', 16, [none, none])
    assert.match(resultsTable([nothing]), /\| +16 \| stuck \| no order \| +0\.00–0\.00 \| +14 \(100\.0 %\) \|/)
    assert.match(chart([nothing], 'somewhere'), />no order<\/text>/)
    assert.equal(summarise('half', 16, [none, cell(1_000, 10)]).latencyMs?.p50, 10)
  })

  it('draws bars in proportion, and escapes what is no markup', () => {
    const svg = chart([line, { ...line, row: 'half', ordersPerSecond: 600 }], 'somewhere')
    const [whole, half] = [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width))
    assert.ok(whole && half && Math.abs(whole / half - 2) < 0.01, `${whole} to ${half}`)
    assert.match(svg, />a &lt;row> &amp; more<\/text>/)
  })
})
