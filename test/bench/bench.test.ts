import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { VERBS } from '../../bench/flood/verbs.ts'
import type { Results } from '../../bench/report/results.ts'
import { ROWS } from '../../bench/rows/rows.ts'
import { identify } from '../../dev/processes/process-identity.ts'
import { tempDir } from '../support/temp-dir.ts'

const TITLES = Object.values(ROWS).flatMap((row) =>
  row.services === 'stub' &&
  !('door' in row) &&
  !('encrypted' in row) &&
  !('guarded' in row) &&
  !('limited' in row) &&
  !('patience' in row) &&
  !('peer' in row)
    ? row.title
    : [],
)

describe('npm run bench', () => {
  async function start(...args: string[]) {
    const out = await tempDir()
    const dataDir = await tempDir()
    const child = spawn(process.execPath, ['--import', 'tsx', 'bench/main.ts', '--out', out, '--data', dataDir, ...args])
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    const ended = once(child, 'close').then(([status]) => status as number | null)
    return { child, out, dataDir, ended, output: () => output }
  }

  describe('measures, section by section', () => {
    let out: string
    let output: string
    let results: Results

    // All by one run: most of what a bench takes is the start of its parts and rows.
    before(async () => {
      const sections = 'table,original,grpc,encrypted,paced,hot,repeats,overload,closing'
      const bench = await start('--smoke', '--sections', sections, '--callers', '4')
      assert.equal(await bench.ended, 0, bench.output())
      out = bench.out
      output = bench.output()
      results = JSON.parse(await readFile(join(out, 'latest.json'), 'utf8'))
    })

    it('every row by orders that really stand in PostgreSQL, and writes table, JSON and chart', async () => {
      const { table = [], options, flood } = results
      assert.deepEqual(
        table.map(({ row }) => row),
        TITLES,
      )
      assert.equal(options.smoke, true)
      assert.equal(flood, undefined, 'a section that was not asked for')
      for (const line of table) {
        assert.equal(line.failed, 0, `${line.row}: ${line.rounds[0]?.sample}`)
        assert.ok(line.ordersPerSecond > 0 && (line.latencyMs?.p50 ?? 0) > 0, line.row)
        assert.equal(line.row === 'empty workflow', line.ofDirect === undefined)
      }
      const chart = await readFile(join(out, 'latest.svg'), 'utf8')
      assert.match(chart, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
      for (const title of TITLES) {
        assert.ok(chart.includes(`>${title}</text>`), `the chart lacks ${title}`)
        assert.match(output, new RegExp(`^\\| +4 \\| ${title} +\\|`, 'm'))
      }
      assert.ok((table[2]?.events ?? 0) > 20, 'the histories of the usual saga were counted')
    })

    it("the original's way beside ours in front of the original's services, where orders meet at goods", () => {
      for (const lines of [results.original, results.hotSku]) {
        assert.deepEqual(
          lines?.map(({ row, callers }) => [row, callers]),
          [
            [ROWS.original.title, 4],
            [ROWS.unkeyed.title, 4],
          ],
        )
        const [original, ours] = lines ?? []
        assert.equal(original?.ofOriginal, 1)
        assert.ok((ours?.ordersPerSecond ?? 0) > 0 && (ours?.ofOriginal ?? 0) > 0, output)
        assert.equal(original?.ofDirect, undefined)
        for (const { sample } of lines?.flatMap(({ rounds }) => rounds) ?? []) assert.match(sample ?? '系统忙', /系统忙/)
      }
      assert.match(output, /^\| Callers \| Row .* of the original /m)
    })

    it('the lane with encrypted payloads, and with tokens and sealed recipients, beside the plain one', () => {
      const [plain, sealed, guarded] = results.encrypted ?? []
      assert.deepEqual([plain?.row, sealed?.row, guarded?.row], [ROWS.lane.title, ROWS.encrypted.title, ROWS.guarded.title])
      assert.deepEqual([plain?.ofPlain, plain?.failed, sealed?.failed, guarded?.failed], [1, 0, 0, 0])
      assert.ok((guarded?.ofPlain ?? 0) > 0)
      assert.ok((sealed?.ofPlain ?? 0) > 0 && (sealed?.historyBytes ?? 0) > (plain?.historyBytes ?? 0))
    })

    it('orders from carts over gRPC beside those over HTTP', () => {
      const { grpc = [] } = results
      assert.deepEqual(
        grpc.map(({ row, callers }) => [row, callers]),
        [
          [ROWS.lane.title, 4],
          [ROWS.grpc.title, 4],
        ],
      )
      for (const { row, failed, ordersPerSecond, rounds } of grpc) {
        assert.equal(failed, 0, `${row}: ${rounds[0]?.sample}`)
        assert.ok(ordersPerSecond > 0, row)
      }
      assert.equal(grpc[0]?.ofHttp, 1)
      assert.ok((grpc[1]?.ofHttp ?? 0) > 0)
    })

    it('one buyer, a hot goods, repeats, and orders that come faster than they can be made', () => {
      const { paced = [], hot = [], repeats = [], overload = [] } = results
      const rowsOf = (lines: typeof paced) => lines.map(({ row }) => row)
      assert.deepEqual(rowsOf(paced), [ROWS.empty.title, ROWS.lane.title])
      assert.deepEqual(rowsOf(hot), [`${ROWS.lane.title}, different goods`, `${ROWS.lane.title}, one goods`])
      assert.deepEqual(rowsOf(repeats), [`${ROWS.lane.title}, new orders`, `${ROWS.lane.title}, repeats`])
      assert.ok((paced[1]?.p50OfEmpty ?? 0) > 0)
      for (const [first, second] of [hot, repeats]) assert.ok(first?.ofFirst === undefined && (second?.ofFirst ?? 0) > 0)
      for (const { row, failed, rounds } of [...paced, ...hot, ...repeats]) {
        assert.equal(failed, 0, `${row}: ${rounds[0]?.sample}`)
      }
      assert.deepEqual(
        overload.map(({ ofCapacity }) => ofCapacity),
        [0.5, 1, 2, 4],
      )
      for (const { ofCapacity, createdPerSecond, otherwise } of overload) {
        assert.ok(createdPerSecond > 0, `at ${ofCapacity}`)
        assert.deepEqual(
          Object.keys(otherwise).filter((status) => status !== '503'),
          [],
          `at ${ofCapacity}`,
        )
      }
    })

    it('the end of orders', () => {
      const { cancels, backlog } = results.closing ?? assert.fail('it was not measured')
      assert.deepEqual([cancels.cancelled, cancels.refused, cancels.left], [10, 0, 0])
      assert.ok(cancels.backMs.p50 > 0)
      assert.equal(backlog.orders, 100)
      assert.ok(backlog.alonePerSecond > 0 && backlog.besidePerSecond > 0)
      assert.ok(backlog.left <= 100)
    })
  })

  it('measures what the flood of one caller leaves to another, for each kind of request', async () => {
    const bench = await start('--smoke', '--sections', 'flood', '--rows', 'limited', '--seconds', '2')
    assert.equal(await bench.ended, 0, bench.output())

    const { flood = [] } = JSON.parse(await readFile(join(bench.out, 'latest.json'), 'utf8')) as Results
    assert.deepEqual(
      flood.map(({ verb }) => verb),
      Object.keys(VERBS),
    )
    for (const { verb, failed, quietP95, floodedP95, answers } of flood) {
      assert.equal(failed, 0, verb)
      assert.ok(quietP95 > 0 && floodedP95 > 0, verb)
      // How many of them are 429 is a matter of speed.
      assert.ok(Object.keys(answers).length > 0, verb)
      assert.ok(!('0' in answers || '500' in answers), `${verb}: ${JSON.stringify(answers)}`)
    }
  })

  it('ends what it started when it is stopped, the paused rows too', async () => {
    const bench = await start('--rows', 'direct,empty', '--seconds', '60')
    while (!bench.output().includes('found') || pidsOf(bench.dataDir, 'starter').length < 2) {
      assert.equal(bench.child.exitCode, null, bench.output())
      await sleep(100)
    }
    const started = pidsOf(bench.dataDir, '')
    assert.ok(started.length >= 6, `${started.length} processes`)
    bench.child.kill('SIGTERM')
    assert.equal(await bench.ended, 1)
    assert.match(bench.output(), /stopped by SIGTERM: nothing was written/)
    assert.deepEqual(started.filter(identify), [])
  })

  it('names an option that it does not know', async () => {
    const bench = await start('--rows', 'direct,fastest')
    assert.equal(await bench.ended, 1)
    assert.match(bench.output(), /--rows has fastest, which is none of direct, empty, usual, single, lane/)
  })
})

/** Returns the ids of the processes whose names contain this one, as the bench recorded them. */
function pidsOf(dataDir: string, name: string): number[] {
  try {
    const { processes } = JSON.parse(readFileSync(join(dataDir, 'launch.json'), 'utf8')) as {
      processes: { name: string; pid: number }[]
    }
    return processes.filter((process) => process.name.includes(name)).map(({ pid }) => pid)
  } catch {
    return [] // not written yet
  }
}
