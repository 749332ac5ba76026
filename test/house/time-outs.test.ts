import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A time-out of its own is shorter than the general one (.mocharc.json), and ends a test on a slow machine. 0 is none. */
const OWN = /\bthis\.timeout\(\s*[1-9]/

describe('the tests', () => {
  it('have one time-out, and none of their own', () => {
    const files = execFileSync('git', ['ls-files', 'test/*.ts', 'test/**/*.ts'], { encoding: 'utf8' }).trim().split('\n')
    assert.ok(files.length > 100)
    assert.deepEqual(
      files.filter((file) => OWN.test(readFileSync(file, 'utf8'))),
      [],
    )
  })
})
