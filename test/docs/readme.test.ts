import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { testStack } from '../support/stack.ts'
import { trackedFiles } from '../support/tracked-files.ts'
import { fencedBlocks } from './fenced-blocks.ts'
import { runScript } from './run-script.ts'

const PROJECT = join(import.meta.dirname, '../..')
const README = readFileSync(join(PROJECT, 'README.md'), 'utf8')
const EXAMPLES = fencedBlocks(README, 'sh order')

describe('README', () => {
  it('is read in a few minutes: 150 lines at most', () => {
    assert.ok(README.split('\n').length <= 151)
  })

  it('has every room of the tree on its map', () => {
    const rooms = new Set(trackedFiles('*/*.ts').map((file) => file.split('/')[0]))
    const missing = [...rooms].filter((room) => !README.includes(`[${room}/](${room}/)`))
    assert.deepEqual(missing, [])
  })
})

describe("README's examples", () => {
  it('are four or more', () => {
    assert.ok(EXAMPLES.length >= 4)
  })

  it('place an order each, one after the other as they stand there; and the same ones when they are sent again', async () => {
    const stack = await testStack()
    const path = [dirname(await findTemporalCli({ log: () => {} })), stack.env.PATH].join(delimiter)
    const run = async (script: string) => {
      const { status, out } = await runScript(script.replaceAll('http://127.0.0.1:3000', stack.httpUrl), {
        ...stack.env,
        PATH: path,
      })
      assert.equal(status, 0, out)
      assert.match(out, /"status": ?"PAYING"|^ +Status +COMPLETED/m, `${script}\n${out}`)
      return /"orderSn": ?"(\w+)"/.exec(out)?.[1] ?? assert.fail(`no order number in:\n${out}`)
    }
    const placed: string[] = []
    for (const { script } of EXAMPLES) placed.push(await run(script))
    assert.equal(new Set(placed).size, placed.length, 'each is an order of its own')
    // The example in TypeScript makes a new key each time.
    const keyed = EXAMPLES.flatMap(({ script }, i) => (script.includes('my-order-') ? [{ script, orderSn: placed[i] }] : []))
    assert.ok(keyed.length >= 3)
    for (const { script, orderSn } of keyed) assert.equal(await run(script), orderSn)
  })
})
