import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHART, VALUE_SETS, valuesFile } from './value-sets.ts'

/** File that says of which chart the golden files are. */
export const STAMP_FILE = join(import.meta.dirname, 'golden/stamp')

/**
 * Checksum of what the golden files are made of: by it a test without Helm sees that they are not those of this chart. What follows from the settings, and the
 * rules of Prometheus, have tests of their own.
 */
export function chartStamp(): string {
  const templates = readdirSync(join(CHART, 'templates'), { recursive: true, encoding: 'utf8' }).sort()
  const files = [
    ...templates.map((file) => join(CHART, 'templates', file)),
    ...['Chart.yaml', 'values.yaml'].map((file) => join(CHART, file)),
    ...VALUE_SETS.map(valuesFile),
  ]
  const digest = createHash('sha256')
  for (const file of files) digest.update(readFileSync(file))
  return `${digest.digest('hex')}\n`
}
