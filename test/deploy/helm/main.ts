import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import { goProgram } from '../../../dev/programs/go-program.ts'
import { CACHE_DIR } from '../../../dev/programs/temporal-cli.ts'
import { chartStamp, STAMP_FILE } from './chart-stamp.ts'
import { rulesApart } from './rules-apart.ts'
import { CHART, goldenFile, readYaml, VALUE_SETS, type ValueSet, valuesFile } from './value-sets.ts'
import { WRONG_VALUES } from './wrong-values.ts'

/**
 * `npm run helm:check`: what Helm and kubeconform say of the chart, for three sets of values: lint, the golden files, the schemas of Kubernetes; and that wrong
 * values are refused. `-- --write` writes the golden files anew. Both programs are built once from their Go modules, which takes minutes.
 */
const HELM = {
  command: 'helm',
  path: 'helm.sh/helm/v3',
  package: './cmd/helm',
  version: 'v3.22.0',
  sum: 'h1:n1if5iQgHYsujPAcO5oonH/KiSNUmqmUF0iGVjSF3AU=',
}
const KUBECONFORM = {
  command: 'kubeconform',
  path: 'github.com/yannh/kubeconform',
  package: './cmd/kubeconform',
  version: 'v0.8.0',
  sum: 'h1:loDYd3a3spjIFrauqW67CDKF55Oo9R6uvC8AvpVd4ug=',
}
/** The oldest that the chart supports. */
const KUBE_VERSION = '1.30.0'
const SCHEMAS = join(import.meta.dirname, 'schemas/{{ .ResourceKind }}-{{ .ResourceAPIVersion }}.json')

const RULES = ['recording', 'alerts'].map((name) => join(CHART, '../../prometheus', `${name}.rules.yml`))

const options = { log: console.log, cacheDir: CACHE_DIR }
const helm = await goProgram(HELM, options)
const kubeconform = await goProgram(KUBECONFORM, options)
const isWriting = process.argv.includes('--write')
const problems: string[] = []

for (const set of VALUE_SETS) {
  const lint = run(helm, ['lint', '--strict', '--kube-version', KUBE_VERSION, CHART, '-f', valuesFile(set)])
  check(`helm lint, ${set}`, lint.isFine, lint.output)
  const made = template(valuesFile(set))
  const { text, rules } = rulesApart(made.output)
  if (isWriting && made.isFine) writeFileSync(goldenFile(set), text)
  const isGolden = made.isFine && readFileSync(goldenFile(set), 'utf8') === text
  const why = `differs from ${goldenFile(set)}: look at the difference, and npm run helm:check -- --write`
  check(`helm template, ${set}`, isGolden, made.isFine ? why : made.output)
  const prefix = runbookPrefix(set)
  const ofPrometheus =
    rules.length === 0
      ? []
      : RULES.map((file) => parse(readFileSync(file, 'utf8').replaceAll('runbook_url: ', `runbook_url: ${prefix}`)))
  check(`the rules of deploy/prometheus, ${set}`, isDeepStrictEqual(rules, ofPrometheus), 'are others in the chart')
  const valid = conforms(made.output)
  check(`kubeconform, ${set}`, valid.isFine, valid.output)
  const slip = conforms(made.output.replace('readinessProbe:', 'readynessProbe:'))
  check(`kubeconform finds a slip, ${set}`, !slip.isFine && /readynessProbe/.test(slip.output), slip.output)
}

if (isWriting) writeFileSync(STAMP_FILE, chartStamp())

const dir = mkdtempSync(join(tmpdir(), 'order-saga-helm-'))
for (const { what, values, says } of WRONG_VALUES) {
  const file = join(dir, 'values.json')
  writeFileSync(file, JSON.stringify(values))
  const refused = template(valuesFile('minimal'), file)
  check(`refused: ${what}`, !refused.isFine && says.test(refused.output), refused.output.slice(0, 2_000))
}
rmSync(dir, { recursive: true })

console.log(problems.length === 0 ? 'the chart is in order' : `\n${problems.join('\n\n')}`)
process.exitCode = problems.length === 0 ? 0 : 1

function runbookPrefix(set: ValueSet): string {
  const { prometheusRule } = readYaml(valuesFile(set)) as { prometheusRule?: { runbookUrl?: string } }
  return prometheusRule?.runbookUrl ?? ''
}

function check(what: string, isFine: boolean, why: string): void {
  console.log(`${isFine ? 'ok    ' : 'FAILED'} ${what}`)
  if (!isFine) problems.push(`${what}: ${why}`)
}

function template(...values: string[]): { isFine: boolean; output: string } {
  const files = values.flatMap((file) => ['-f', file])
  return run(helm, ['template', 'order-saga', CHART, '--namespace', 'shop', '--kube-version', KUBE_VERSION, ...files])
}

function conforms(manifests: string): { isFine: boolean; output: string } {
  return run(kubeconform, ['-strict', '-summary', '-schema-location', SCHEMAS, '-'], manifests)
}

/** @returns what it wrote to stdout; if it failed, to stderr as well */
function run(command: string, args: string[], input?: string): { isFine: boolean; output: string } {
  try {
    const output = execFileSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: 'pipe',
      ...(input !== undefined && { input }),
    })
    return { isFine: true, output }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { isFine: false, output: stdout + stderr || String(error) }
  }
}
