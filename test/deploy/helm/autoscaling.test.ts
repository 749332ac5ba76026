import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promtool } from '../../support/promtool.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { metricNames } from '../metric-names.ts'
import { goldenObjects, readYaml, VALUE_SETS } from './value-sets.ts'

const PROJECT = join(import.meta.dirname, '../../..')

interface Rule {
  seriesQuery: string
  name: { as: string }
  metricsQuery: string
}
const { rules, externalRules } = readYaml(join(PROJECT, 'deploy/prometheus/adapter.rules.yml')) as Record<
  'rules' | 'externalRules',
  Rule[]
>

describe('autoscaling', () => {
  it('goes by metrics that the rules of prometheus-adapter make', () => {
    const asked = VALUE_SETS.flatMap((set) => goldenObjects(set))
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .flatMap(({ spec }) => spec.metrics as { pods?: { metric: { name: string } }; external?: { metric: { name: string } } }[])
    const names = (kind: 'pods' | 'external') => [...new Set(asked.flatMap((metric) => metric[kind]?.metric.name ?? []))].sort()
    assert.deepEqual(names('pods'), rules.map(({ name }) => name.as).sort())
    assert.deepEqual(names('external'), externalRules.map(({ name }) => name.as).sort())
  })

  it('asks for metrics that there are', () => {
    const documented = readFileSync(join(PROJECT, 'docs/metrics.md'), 'utf8')
    const recording = readFileSync(join(PROJECT, 'deploy/prometheus/recording.rules.yml'), 'utf8')
    for (const { seriesQuery } of [...rules, ...externalRules]) {
      const [name] = metricNames(seriesQuery)
      assert.ok(name && (documented.includes(`| \`${name}\``) || recording.includes(name)), seriesQuery)
    }
  })

  it('asks what Prometheus understands', async () => {
    const dir = await tempDir()
    const queries = [...rules, ...externalRules].map(({ seriesQuery, metricsQuery }, i) => {
      const [series = ''] = metricNames(seriesQuery)
      const expr = metricsQuery
        .replace('<<.Series>>', series)
        .replace('<<.LabelMatchers>>', 'namespace="shop"')
        .replace('<<.GroupBy>>', 'pod')
      return { record: `query_${i}`, expr }
    })
    writeFileSync(join(dir, 'rules.yml'), JSON.stringify({ groups: [{ name: 'adapter', rules: queries }] }))
    assert.deepEqual(await promtool(['check', 'rules', 'rules.yml'], dir).then(({ status }) => status), 0)
  })
})
