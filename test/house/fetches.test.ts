import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { trackedFiles } from '../support/tracked-files.ts'

/** Folders of what only tests, benchmarks and developers run, who hand no secret to a stranger. */
const NOT_DEPLOYED = /^(test|bench|examples|dev)\//
/** A call that ends on this machine and carries nothing. */
const LOCAL = ['telemetry/sdk-metrics.ts']

describe('a request of what is deployed', () => {
  it('follows no redirect: it would carry its token or signature to whoever the answer names', () => {
    const files = trackedFiles().filter((file) => file.endsWith('.ts') && !NOT_DEPLOYED.test(file))
    const following = files.filter((file) => {
      const calls = readFileSync(file, 'utf8')
        .split(/\bfetch\(/)
        .slice(1)
      return calls.some((call) => !/redirect: '(error|manual)'/.test(call.slice(0, 400)))
    })
    assert.deepEqual(following, LOCAL)
  })
})
