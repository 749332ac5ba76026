import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { chartFacts, chartSchemas } from '../../support/chart-settings.ts'
import { CHART, readYaml, VALUE_SETS, valuesFile } from './value-sets.ts'
import { WRONG_VALUES } from './wrong-values.ts'

const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'))

describe('the settings of the Helm chart', () => {
  it('follow from config/settings.ts and the time budget (npm run settings writes them)', () => {
    const { settings, secrets, files } = schema.$defs
    assert.deepEqual({ settings, secrets, files }, chartSchemas())
    assert.deepEqual(JSON.parse(readFileSync(join(CHART, 'files/settings.json'), 'utf8')), chartFacts())
  })

  it('that are secrets come from Secrets alone, and no file is a secret’s text', () => {
    const { settings, secrets, files } = chartSchemas()
    const [plain, secret, file] = [settings, secrets, files].map(({ properties }) => Object.keys(properties)) as [
      string[],
      string[],
      string[],
    ]
    for (const name of ['DATABASE_URL', 'EVENTS_WEBHOOK_SECRET', 'TEMPORAL_API_KEY', 'OTEL_EXPORTER_OTLP_HEADERS'])
      assert.ok(secret.includes(name), name)
    for (const name of ['HTTP_TLS_KEY_PATH', 'PAYLOAD_KEYS_FILE', 'TEMPORAL_TLS_CLIENT_KEY_PATH', 'CONSUL_CACERT'])
      assert.ok(file.includes(name), name)
    assert.deepEqual(
      secret.filter((name) => plain.includes(name) || file.includes(name)),
      [],
    )
    assert.deepEqual(
      plain.filter((name) => file.includes(name)),
      ['AUTH_JWKS'],
    )
    assert.deepEqual(
      plain.filter((name) => /_(PATH|FILE|CACERT)$/.test(name)),
      [],
    )
  })

  it('are accepted as they stand in each set of values, and refused with each mistake', () => {
    const check = new Ajv({ strict: false, allErrors: true }).compile(schema)
    const defaults = readYaml(join(CHART, 'values.yaml'))
    for (const set of VALUE_SETS) {
      assert.ok(check(merged(defaults, readYaml(valuesFile(set)))), `${set}: ${JSON.stringify(check.errors)}`)
    }
    const minimal = merged(defaults, readYaml(valuesFile('minimal')))
    for (const { what, values, says } of WRONG_VALUES) {
      assert.equal(check(merged(minimal, values)), false, what)
      assert.match(JSON.stringify(check.errors), says, what)
    }
  })

  it('are those of this version of the project', () => {
    const { version } = JSON.parse(readFileSync(join(CHART, '../../../package.json'), 'utf8'))
    const chart = readYaml(join(CHART, 'Chart.yaml')) as { version: string; appVersion: string }
    assert.deepEqual([chart.version, chart.appVersion], [version, version])
  })

  it('have a comment each in values.yaml, and so have all other values', () => {
    const lines = readFileSync(join(CHART, 'values.yaml'), 'utf8').split('\n')
    const top = lines.flatMap((line, i) => (/^\w+:/.test(line) ? [[line, lines[i - 1], lines[i + 1]]] : []))
    assert.ok(top.length >= 15)
    // Above it, or above the first of its own.
    const bare = top.filter(([, before = '', after = '']) => !before.startsWith('#') && !after.trim().startsWith('#'))
    assert.deepEqual(bare, [])
  })
})

/** Values beneath others, as Helm merges them: `null` takes a value away. */
function merged(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above
  const both = { ...below }
  for (const [name, value] of Object.entries(above)) {
    if (value === null) delete both[name]
    else both[name] = merged(both[name], value)
  }
  return both
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
