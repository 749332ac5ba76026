import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { tempDir } from '../support/temp-dir.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
const CHECKER = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
const CONFIG = join(PROJECT, '.dependency-cruiser.cjs')

interface Rule {
  name: string
  from: { path?: string; pathNot?: string | string[] }
  to: { pathNot?: string[] }
}
interface Import {
  from: string
  to: string
  isType: boolean
}

interface Cruised {
  errors: string[]
  modules: string[]
  imports: Import[]
}

const { forbidden: RULES } = createRequire(import.meta.url)(CONFIG) as { forbidden: Rule[] }

/** Modules that break no rule, for the others to import. */
const LAWFUL = [
  ...[
    'contracts/money.ts',
    'contracts/order-sn.ts',
    'contracts/currency.ts',
    'workflows/missing-answer.ts',
    'workflows/story.ts',
    'activities/step.ts',
    'clients/channel.ts',
  ],
  ...['clients/error-info.ts', 'store/orders.ts', 'store/failures.ts', 'store/stored-order.ts', 'api/app.ts', 'temporal/run.ts'],
  ...['clients/call-not-sent.ts', 'clients/answers.ts', 'identity/authenticate.ts'],
  ...['codec/payload-codec.ts'],
  ...[
    'services/shop.ts',
    'rpc/server/serve.ts',
    'proto/wire.ts',
    'reconciliation/judge.ts',
    'operators/verb.ts',
    'dev/stack.ts',
    'examples/client.ts',
    'test/shop.ts',
    'bench/load.ts',
    'composition/order-worker.ts',
  ],
  ...[
    'config/config.ts',
    'config/settings.ts',
    'telemetry/logging.ts',
    'telemetry/traces-to.ts',
    'composition/migrate.ts',
    'composition/register.ts',
  ],
]

/** Modules that break exactly one rule each: file, what it imports, the rule. */
const UNLAWFUL: [file: string, source: string, rule: string][] = [
  ['contracts/asks-store.ts', "import type { it } from '../store/orders.ts'", 'folders-of-contracts'],
  ['contracts/reads-config.ts', "import { it } from '../config/config.ts'", 'folders-of-contracts'],
  ['contracts/reads-files.ts', "import 'node:fs'", 'packages-of-the-sandbox'],
  ['contracts/logs.ts', "import { pino } from 'pino'", 'packages-of-the-sandbox'],
  ['contracts/fails-runs.ts', "import { ApplicationFailure } from '@temporalio/common'", 'temporal-in-two-contracts'],
  ['contracts/names-runs.ts', "import type { Client } from '@temporalio/common'", 'temporal-in-two-contracts'],
  ['contracts/hashes.ts', "import { it } from './order-sn.ts'", 'no-hash-in-the-sandbox'],
  ['workflows/asks-store.ts', "import { it } from '../store/orders.ts'", 'folders-of-workflows'],
  ['workflows/knows-activity.ts', "import type { it } from '../activities/step.ts'", 'folders-of-workflows'],
  ['workflows/loads-activity.ts', "export const step = () => import('../activities/step.ts')", 'folders-of-workflows'],
  ['workflows/passes-activity-on.ts', "export { it } from '../activities/step.ts'", 'folders-of-workflows'],
  ['workflows/hashes.ts', "import { it } from '../contracts/order-sn.ts'", 'no-hash-in-the-sandbox'],
  ['contracts/counts.ts', "import { it } from './currency.ts'", 'no-currencies-in-the-sandbox'],
  ['workflows/counts.ts', "import { it } from '../contracts/currency.ts'", 'no-currencies-in-the-sandbox'],
  ['workflows/shows-money.ts', "import { it } from '../contracts/money-text.ts'", 'no-currencies-in-the-sandbox'],
  ['activities/runs-workflow.ts', "import { it } from '../workflows/story.ts'", 'folders-of-activities'],
  ['workflows/draws-lots.ts', "import { randomUUID } from 'node:crypto'", 'packages-of-the-sandbox'],
  ['workflows/starts-workflows.ts', "import { Client } from '@temporalio/client'", 'packages-of-the-sandbox'],
  ['activities/asks-api.ts', "import { it } from '../api/app.ts'", 'folders-of-activities'],
  ['activities/builds-client.ts', "import { it } from '../clients/channel.ts'", 'types-only-in-activities'],
  ['activities/builds-store.ts', "import { it } from '../store/orders.ts'", 'types-only-in-activities'],
  ['activities/asks-postgres.ts', "import pg from 'pg'", 'sql-in-the-store'],
  ['tls/agrees.ts', "import { it } from '../contracts/money.ts'", 'folders-of-tls'],
  ['identity/asks-api.ts', "import type { it } from '../api/app.ts'", 'folders-of-identity'],
  ['limits/asks-api.ts', "import { it } from '../api/app.ts'", 'folders-of-limits'],
  ['api/runs-activity.ts', "import { it } from '../activities/step.ts'", 'folders-of-api'],
  ['api/knows-workflow.ts', "import type { it } from '../workflows/story.ts'", 'folders-of-api'],
  ['api/joins-parts.ts', "import { it } from '../composition/order-worker.ts'", 'folders-of-api'],
  ['api/calls-service.ts', "import type { it } from '../clients/channel.ts'", 'folders-of-api'],
  ['api/asks-postgres.ts', "import { sql } from 'kysely'", 'sql-in-the-store'],
  ['store/asks-client.ts', "import { it } from '../clients/channel.ts'", 'folders-of-store'],
  ['store/starts-workflow.ts', "import { Client } from '@temporalio/client'", 'no-temporal-below'],
  ['store/fails-runs.ts', "import { it } from '../contracts/application-failure.ts'", 'no-temporal-below'],
  ['store/calls-service.ts', "import { Client } from '@grpc/grpc-js'", 'no-grpc-in-the-store'],
  ['clients/asks-store.ts', "import type { it } from '../store/orders.ts'", 'folders-of-clients'],
  ['clients/starts-workflow.ts', "import { Client } from '@temporalio/client'", 'no-temporal-below'],
  ['temporal/asks-store.ts', "import { it } from '../store/orders.ts'", 'folders-of-temporal'],
  ['reconciliation/starts-run.ts', "import { it } from '../temporal/run.ts'", 'folders-of-reconciliation'],
  ['reconciliation/builds-store.ts', "import { it } from '../store/orders.ts'", 'types-only-in-reconciliation'],
  ['operators/asks-api.ts', "import { it } from '../api/app.ts'", 'folders-of-operators'],
  ['test/runs-orders.ts', "import { it } from '../operators/main.ts'", 'roots-are-roots'],
  ['import/asks-service.ts', "import { it } from '../clients/channel.ts'", 'folders-of-import'],
  ['import/main.ts', "import { it } from '../temporal/run.ts'", 'folders-of-import/main.ts'],
  ['store/asks-mysql.ts', "import { createConnection } from 'mysql2/promise'", 'mysql-in-the-import'],
  ['services/agrees.ts', "import { it } from '../contracts/money.ts'", 'folders-of-services'],
  ['services/reads-config.ts', "import { it } from '../config/config.ts'", 'folders-of-services'],
  ['services/is-durable.ts', "import { proxyActivities } from '@temporalio/workflow'", 'no-temporal-below'],
  ['rpc/calls-service.ts', "import { it } from '../clients/channel.ts'", 'folders-of-rpc'],
  ['rpc/server/agrees.ts', "import { it } from '../../contracts/money.ts'", 'folders-of-rpc/server'],
  ['proto/agrees.ts', "import { it } from '../contracts/money.ts'", 'folders-of-proto'],
  ['dev/reads-config.ts', "import { it } from '../config/config.ts'", 'folders-of-dev'],
  ['dev/asks-store.ts', "import { it } from '../store/orders.ts'", 'folders-of-dev'],
  ['examples/asks-store.ts', "import { it } from '../store/orders.ts'", 'folders-of-examples'],
  ['clocks.ts', "import { it } from './contracts/money.ts'", 'in-a-room'],
  ['stories/plays.ts', "import { it } from '../contracts/money.ts'", 'in-a-room'],
  ['composition/starts-stack.ts', "import { it } from '../dev/stack.ts'", 'folders-of-composition'],
  ['composition/opens-door.ts', "import { it } from '../api/app.ts'", 'folders-of-composition'],
  ['worker.ts', "import { it } from './api/app.ts'", 'folders-of-worker.ts'],
  ['starter.ts', "import { it } from './activities/step.ts'", 'folders-of-starter.ts'],
  ['operators/main.ts', "import { it } from '../api/app.ts'", 'folders-of-operators/main.ts'],
  ['operators/joins-parts.ts', "import { it } from '../composition/order-worker.ts'", 'folders-of-operators'],
  ['bench/tests.ts', "import { it } from '../test/shop.ts'", 'folders-of-bench'],
  ['test/is-a-reader.ts', "import { it } from '../examples/client.ts'", 'folders-of-test'],
  ['config/asks-store.ts', "import { it } from '../store/orders.ts'", 'folders-of-config'],
  ['telemetry/asks-api.ts', "import { it } from '../api/app.ts'", 'folders-of-telemetry'],
  ['codec/knows-orders.ts', "import { it } from '../contracts/money.ts'", 'folders-of-codec'],
  ['recipients/asks-api.ts', "import type { it } from '../api/app.ts'", 'folders-of-recipients'],
  ['temporal/encrypts.ts', "import { it } from '../codec/payload-codec.ts'", 'folders-of-temporal'],
  ['temporal/knows-workflow.ts', "import type { it } from '../workflows/story.ts'", 'folders-of-temporal'],
  ['temporal/logs.ts', "import { it } from '../telemetry/logging.ts'", 'folders-of-temporal'],
  ['deploy/knows-orders.ts', "import { it } from '../store/orders.ts'", 'folders-of-deploy'],
  ['bench/runs-shop.ts', "import { it } from '../services/shop.ts'", 'folders-of-bench'],
  ['log.ts', "import fc from 'fast-check'", 'runtime-packages'],
  ['random.ts', "import { parse } from 'acorn'", 'declared-packages'],
  ['lost.ts', "import { it } from './nowhere.ts'", 'found'],
  ['clients/chicken.ts', "import { it } from './egg.ts'", 'no-cycles'],
]

/** Modules that come close to breaking a rule. */
const ALLOWED: [file: string, source: string][] = [
  ['contracts/agrees.ts', "import { it } from './money.ts'"],
  [
    'contracts/application-failure.ts',
    "import { ApplicationFailure } from '@temporalio/common'\nimport { it } from './money.ts'",
  ],
  ['contracts/search-attributes.ts', "import { SearchAttributeType } from '@temporalio/common'"],
  ['contracts/money-text.ts', "import { it } from './currency.ts'"],
  ['config/parses.ts', "import { it } from '../contracts/currency.ts'"],
  ['contracts/order-sn.ts', "import { createHash } from 'node:crypto'\nimport { it as money } from './money.ts'"],
  ['workflows/steps.ts', "import type { it } from '../contracts/money.ts'\nimport { sleep } from '@temporalio/workflow'"],
  ['activities/deps.ts', "import type { it } from '../clients/channel.ts'\nimport type { it as t } from '../store/orders.ts'"],
  [
    'activities/judges.ts',
    "import { it } from '../clients/answers.ts'\nimport { it as info } from '../clients/error-info.ts'\nimport { it as t } from '../store/failures.ts'",
  ],
  [
    'activities/answers.ts',
    "import { it } from '../store/stored-order.ts'\nimport { it as held } from '../clients/call-not-sent.ts'",
  ],
  ['bench/measures.ts', "import { it } from '../workflows/story.ts'"],
  ['composition/registers.ts', "import { it } from '../temporal/run.ts'"],
  ['operators/verbs.ts', "import { it } from '../temporal/run.ts'"],
  ['services/reads-settings.ts', "import { it } from '../config/settings.ts'"],
  ['services/ledger.ts', "import { it } from '../proto/wire.ts'\nimport { it as log } from '../telemetry/logging.ts'"],
  ['dev/tells.ts', "import { it } from '../telemetry/traces-to.ts'"],
  ['test/runs-shop.ts', "import { it } from '../services/shop.ts'"],
  ['clients/egg.ts', "import { it } from './chicken.ts'"], // the cycle is told once, of its other half
  ['clients/hen.ts', "import type { it } from './duckling.ts'"],
  ['clients/duckling.ts', "import { it } from './hen.ts'"],
]

describe('import rules', () => {
  let project: Cruised

  before(async () => {
    project = await cruise(PROJECT)
  })

  it('are kept by this project', () => {
    const { errors, modules } = project
    assert.deepEqual(errors, [])
    assert.ok(modules.includes('workflows/create-order.ts') && modules.includes('test/house/import-rules.test.ts'))
  })

  it('are each broken by a module that breaks it, and by no other', async () => {
    const { errors } = await cruise(await writeProject())
    assert.deepEqual(errors, UNLAWFUL.map(([file, , rule]) => `${file}: ${rule}`).sort())
  })

  it('have no rule that no module here breaks', () => {
    const broken = new Set(UNLAWFUL.map(([, , rule]) => rule))
    assert.deepEqual(
      RULES.map(({ name }) => name).filter((name) => !broken.has(name)),
      [],
    )
  })

  it('are no looser than this project needs: every path that a module may import is imported', () => {
    assert.deepEqual(unused(project.imports), [])
  })

  it('are found too loose by a path that nothing imports', () => {
    const imports = [{ from: 'store/orders.ts', to: 'contracts/money.ts', isType: false }]
    const found = unused(imports)
    assert.ok(!found.includes('folders-of-store: ^contracts/'))
    assert.ok(found.includes('folders-of-api: ^contracts/'))
    assert.ok(found.includes('types-only-in-activities: ^store/failures\\.ts$'))
  })
})

/** A project of modules that do nothing but import. */
async function writeProject(): Promise<string> {
  const dir = await tempDir()
  const files = new Map(LAWFUL.map((file) => [file, '']))
  for (const [file, source] of [...ALLOWED, ...UNLAWFUL]) files.set(file, source)
  for (const [file, source] of files) {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    await writeFile(join(dir, file), `${source}\nexport const it = 1\n`)
  }
  for (const shared of ['package.json', 'node_modules']) await symlink(join(PROJECT, shared), join(dir, shared))
  return dir
}

/** Whatever the rules of the folders let pass, each as `rule: path`, that no import needs. */
function unused(imports: readonly Import[]): string[] {
  return RULES.filter(({ name }) => /^(folders-of|types-only-in)-/.test(name)).flatMap(({ name, from, to }) => {
    const [own, excepted] = [new RegExp(from.path ?? ''), [from.pathNot ?? []].flat().map((path) => new RegExp(path))]
    const its = imports.filter((one) => own.test(one.from) && !excepted.some((path) => path.test(one.from)))
    const needs = name.startsWith('types-only') ? its.filter(({ isType }) => !isType) : its
    const paths = (to.pathNot ?? []).filter((path) => path !== from.path)
    return paths.filter((path) => !needs.some((one) => new RegExp(path).test(one.to))).map((path) => `${name}: ${path}`)
  })
}

/** Runs the checker as `npm run lint:imports` does, but for its output; what it calls an error makes that command fail. */
async function cruise(dir: string): Promise<Cruised> {
  const args = [CHECKER, '--config', CONFIG, '--output-type', 'json', '.']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dir, maxBuffer: 64 << 20 })
  const { modules, summary } = JSON.parse(stdout) as {
    modules: { source: string; dependencies: { resolved: string; dependencyTypes: string[] }[] }[]
    summary: { violations: { from: string; rule: { name: string; severity: string } }[] }
  }
  return {
    errors: summary.violations
      .filter(({ rule }) => rule.severity === 'error')
      .map(({ from, rule }) => `${from}: ${rule.name}`)
      .sort(),
    modules: modules.map(({ source }) => source),
    imports: modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved, dependencyTypes }) => ({
        ...{ from: source, to: resolved },
        isType: dependencyTypes.includes('type-only'),
      })),
    ),
  }
}
