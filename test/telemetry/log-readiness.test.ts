import assert from 'node:assert/strict'
import { logReadiness } from '../../telemetry/log-readiness.ts'

describe('the log of a readiness probe', () => {
  it('has a line for each change of what is missing, and none for each probe', () => {
    const lines: unknown[][] = []
    const says = logReadiness({
      info: (...line: unknown[]) => lines.push(['info', ...line]),
      warn: (...line: unknown[]) => lines.push(['warn', ...line]),
    })
    for (const missing of ['', '', 'temporal', 'temporal', 'temporal, postgresql', 'temporal, postgresql', '', '']) says(missing)
    assert.deepEqual(lines, [
      ['warn', { missing: 'temporal' }, 'not ready'],
      ['warn', { missing: 'temporal, postgresql' }, 'not ready'],
      ['info', 'ready again'],
    ])
  })
})
