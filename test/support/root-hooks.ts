import { endAll } from './on-end.ts'
import { quietRuntime } from './workflow-runs.ts'

// A mocha that is stopped takes with it what its fixtures end when the process exits.
process.once('SIGINT', () => process.exit(130))

/** Mocha's root hooks: the SDK says nothing between the tests' lines, and whatever the lazy fixtures started is stopped after the last test. */
export const mochaHooks = {
  beforeAll: quietRuntime,
  async afterAll(this: Mocha.Context) {
    this.timeout(60_000)
    await endAll()
  },
}
