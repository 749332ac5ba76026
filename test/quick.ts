import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startsNothing } from './support/starts-nothing.ts'
import { testFiles } from './support/test-files.ts'

/**
 * `npm run test:quick`: every test that starts neither processes nor a Temporal server, a minute on a quiet machine. A new test
 * falls among them by what it imports. Arguments go to mocha: `npm run test:quick -- --grep lane`.
 */
const JOBS = 3 // Most of their time is spent waiting for time-outs.

const project = join(import.meta.dirname, '..')
const quick = (await testFiles()).filter((file) => startsNothing(join(project, file)))
const args = ['--parallel', '--jobs', String(JOBS), ...process.argv.slice(2), ...quick]
const mocha = spawn(process.execPath, [join(project, 'node_modules/mocha/bin/mocha.js'), ...args], {
  cwd: project,
  stdio: 'inherit',
})
const [status] = await once(mocha, 'close')
process.exitCode = status ?? 1
