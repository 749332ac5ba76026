import { createRequire } from 'node:module'
import { endAll } from './on-end.ts'
import { plainOk } from './plain-ok.ts'
import { watchUncaught } from './uncaught.ts'

// A mocha that is stopped takes with it what its fixtures end when the process exits.
process.once('SIGINT', () => process.exit(130))

plainOk()

// Inherited by every process that a test or a fixture starts, from here on.
const uncaught = watchUncaught(process.env.NODE_OPTIONS)
process.env.NODE_OPTIONS = uncaught.nodeOptions
process.once('exit', () => uncaught.end())

const require = createRequire(import.meta.url)

/** Quiets the SDK if a test has loaded it: to load it takes a processor half a second. */
async function quietLoadedRuntime(): Promise<void> {
  if (!(require.resolve('@temporalio/worker') in require.cache)) return
  const { quietRuntime } = await import('./workflow-runs.ts')
  quietRuntime()
}

/**
 * Mocha's root hooks: the SDK says nothing between the tests' lines, whatever the lazy fixtures started is stopped after the last
 * test, and none of the processes may have left anything uncaught.
 */
export const mochaHooks = {
  beforeAll: quietLoadedRuntime,
  async afterAll() {
    await endAll()
    const noted = uncaught.noted()
    if (noted)
      throw new Error(`a process that the tests started left uncaught:
${noted}`)
  },
}
