import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { trackedFiles } from '../support/tracked-files.ts'

const PROJECT = resolve(import.meta.dirname, '../..')

describe('the types', () => {
  it('are checked of every module, whatever folder it is in', () => {
    const checked = new Set(
      lines(process.execPath, join(PROJECT, 'node_modules/typescript/bin/tsc'), '-p', '.', '--listFilesOnly'),
    )
    const modules = trackedFiles('*.ts')
    assert.deepEqual(
      // Other engines come with packages that are installed only to be measured: npm run bench:peers checks them then.
      modules.filter((module) => !checked.has(join(PROJECT, module)) && !module.startsWith('bench/peers/')),
      // They are right only if the coupon is registered: test/examples/coupon.test.ts checks and runs them there.
      ['examples/coupon/coupon.test.ts', 'examples/coupon/coupon.ts'],
    )
  })
})

function lines(program: string, ...args: string[]): string[] {
  return execFileSync(program, args, { cwd: PROJECT, encoding: 'utf8', maxBuffer: 64 << 20 })
    .trim()
    .split('\n')
}
