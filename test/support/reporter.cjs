const { reporters, Runner } = require('mocha')

const { EVENT_HOOK_BEGIN, EVENT_HOOK_END, EVENT_TEST_BEGIN, EVENT_TEST_END, EVENT_RUN_END } = Runner.constants
const MINUTE = 60_000

/**
 * Mocha's spec report, and below it the one plain line that machines read: `N passed, N failed`. A test or hook that takes minutes
 * is named each minute, or by `--reporter-option stillEvery=MILLISECONDS`, in a line that begins with `still in `.
 */
module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    const every = Number(options.reporterOptions?.stillEvery ?? MINUTE)
    let underWay
    const begin = (runnable) => {
      const began = performance.now()
      clearInterval(underWay)
      underWay = setInterval(() => {
        console.log(`still in "${runnable.fullTitle()}" after ${Math.round((performance.now() - began) / MINUTE)} min`)
      }, every)
    }
    const end = () => clearInterval(underWay)
    runner.on(EVENT_HOOK_BEGIN, begin).on(EVENT_TEST_BEGIN, begin).on(EVENT_HOOK_END, end).on(EVENT_TEST_END, end)
    runner.once(EVENT_RUN_END, () => {
      end()
      const { passes, failures, pending } = this.stats
      console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`)
    })
  }
}
