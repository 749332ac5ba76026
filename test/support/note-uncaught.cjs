const { appendFileSync } = require('node:fs')
const { join } = require('node:path')
const { isMainThread } = require('node:worker_threads')

/**
 * Loaded into every Node process that the tests start: notes beside itself what nobody caught there (uncaught.ts). It changes
 * nothing: a process that would have ended by it does.
 */
if (isMainThread) {
  process.on('uncaughtExceptionMonitor', (error) => note('uncaughtException', error))
  process.on('unhandledRejection', (reason) => {
    note('unhandledRejection', reason)
    if (process.listenerCount('unhandledRejection') === 1) throw reason
  })
}

function note(what, error) {
  const [, program = 'node', ...args] = process.argv
  const text = error instanceof Error ? error.stack : String(error)
  appendFileSync(join(__dirname, 'uncaught'), `${what} in ${program} ${args.join(' ')} (${process.pid}): ${text}\n`)
}
