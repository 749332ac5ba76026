import { endAll } from './on-end.ts'

/** Mocha's root hooks: whatever the lazy fixtures started is stopped after the last test. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context) {
    this.timeout(60_000)
    await endAll()
  },
}
