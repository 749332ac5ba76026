import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorkflows } from '../composition/workflow-bundle.ts'
import { COMPILED_IN } from '../dev/processes/program-command.ts'
import { compilePrograms } from './support/compile-programs.ts'
import { runFolders } from './support/run-folders.ts'
import { startsStack } from './support/starts-stack.ts'
import { testFiles } from './support/test-files.ts'

/**
 * Every test, four folders at a time: most tests wait for time-outs, restarts and sweeps. Of the four, two at most run on a
 * whole stack, since more would keep each other from answering in time. Arguments go to mocha: `npm test -- --grep lane`.
 */
const AT_ONCE = 4
const STACKS_AT_ONCE = 2
/** Short folders without a stack that one mocha runs: to start one takes a processor 2 s, and a PostgreSQL one more. */
const TOGETHER = [
  ['test/codec', 'test/config', 'test/contracts', 'test/deploy/helm', 'test/limits', 'test/telemetry', 'test/tls'],
  ['test/identity', 'test/rpc', 'test/services'],
  ['test/operators', 'test/recipients', 'test/reconciliation'],
  ['test/proof/chaos', 'test/proof/chaos/matrix', 'test/proof/chaos/proxies', 'test/proof/hostile'],
  ['test/proof/model', 'test/proof/model/cart'],
]
/** Folders whose tests share a stack as well as those of one folder do: to start one takes a processor half a minute. */
const ON_ONE_STACK = [
  ['test/docs', 'test/e2e/generated-clients', 'test/house'],
  ['test/deploy', 'test/import', 'test/proof/hostile'],
]
/**
 * Folders of a minute and more, the longest first: if one of them began last, it would run alone in the end. e2e and
 * e2e/faults, whose orders have to keep the lane's short deadlines, do not run side by side.
 */
const LONG = [
  'test/e2e/faults',
  'test/proof/outages',
  'test/e2e/operators',
  'test/proof/chaos',
  'test/dev',
  'test/e2e',
  'test/proof/chaos/matrix',
  'test/workflows',
  'test/examples',
  'test/clients',
  'test/api',
  'test/deploy',
  'test/temporal',
  'test/activities',
]

// Once for all, unless CI has built them before: the processes that the tests start are many, and each would take 2 s of a processor for the one, and
// 1.5 s for the other.
const dir = await mkdtemp(join(tmpdir(), 'order-saga-'))
process.once('exit', () => rmSync(dir, { recursive: true }))
process.env.WORKFLOW_BUNDLE = join(dir, 'workflow-bundle.js')
await bundleWorkflows(process.env.WORKFLOW_BUNDLE)
process.env[COMPILED_IN] ??= compilePrograms()
process.exitCode = await runFolders(await testFiles(), {
  atOnce: AT_ONCE,
  isHeavy: startsStack,
  heavyAtOnce: STACKS_AT_ONCE,
  together: TOGETHER,
  heavyTogether: ON_ONE_STACK,
  first: LONG,
  mochaArgs: process.argv.slice(2),
})
