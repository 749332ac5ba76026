import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { trackedFiles } from '../support/tracked-files.ts'

/** A time-out of its own is shorter than the general one (.mocharc.json), and ends a test on a slow machine. 0 is none. */
const OWN = /\bthis\.timeout\(\s*[1-9]/

/** A connection with the product's own deadlines: 2.5 s a statement. */
const BY_THE_PRODUCT = /\bconnectDatabase\((?![^\n]*(?:PATIENT_STORE|statementTimeoutMs))/
/** Whose deadlines these are: tests of a database that can't be reached or does not answer, and the worker of the product, with gates. */
const ABOUT_DEADLINES = [
  'test/activities/lost-marks.test.ts',
  'test/activities/parts.ts',
  'test/api/order-life.test.ts',
  'test/e2e/gated-worker.ts',
]

describe('the tests', () => {
  it('connect to the store with deadlines that a slow machine keeps', () => {
    const files = trackedFiles('test/**/*.ts', 'examples/**/*.ts')
    assert.deepEqual(files.filter((file) => BY_THE_PRODUCT.test(readFileSync(file, 'utf8'))).sort(), ABOUT_DEADLINES)
  })

  it('have one time-out, and none of their own', () => {
    const files = trackedFiles('test/*.ts', 'test/**/*.ts')
    assert.ok(files.length > 100)
    assert.deepEqual(
      files.filter((file) => OWN.test(readFileSync(file, 'utf8'))),
      [],
    )
  })
})
