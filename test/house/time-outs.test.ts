import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { trackedFiles } from '../support/tracked-files.ts'

/** A time-out of its own is shorter than the general one (.mocharc.json), and ends a test on a slow machine. 0 is none. */
const OWN = /\bthis\.timeout\(\s*[1-9]/

describe('the tests', () => {
  it('have one time-out, and none of their own', () => {
    const files = trackedFiles('test/*.ts', 'test/**/*.ts')
    assert.ok(files.length > 100)
    assert.deepEqual(
      files.filter((file) => OWN.test(readFileSync(file, 'utf8'))),
      [],
    )
  })
})
