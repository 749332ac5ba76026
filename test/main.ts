import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorkflows } from '../composition/workflow-bundle.ts'
import { runFolders } from './support/run-folders.ts'
import { testFiles } from './support/test-files.ts'

/**
 * Every test, two folders at a time: most of them wait for time-outs, restarts and sweeps, and more than two stacks would keep
 * each other from answering in time. Arguments go to mocha: `npm test -- --grep lane`.
 */
const AT_ONCE = 2
/**
 * Folders of a minute and more. They begin first, or the last of them would run alone in the end; those below e2e, whose orders
 * have to keep the lane's short deadlines, not side by side.
 */
const LONG = [
  'test/e2e/faults',
  'test/clients',
  'test/proof/outages',
  'test/proof/chaos',
  'test/proof/chaos/matrix',
  'test/e2e',
  'test/dev',
  'test/workflows',
  'test/examples',
]

// Once for all: the processes that the tests start are many, and each would take 2 s of a processor for it.
const dir = await mkdtemp(join(tmpdir(), 'order-saga-'))
process.once('exit', () => rmSync(dir, { recursive: true }))
process.env.WORKFLOW_BUNDLE = join(dir, 'workflow-bundle.js')
await bundleWorkflows(process.env.WORKFLOW_BUNDLE)
process.exitCode = await runFolders(await testFiles(), { atOnce: AT_ONCE, first: LONG, mochaArgs: process.argv.slice(2) })
