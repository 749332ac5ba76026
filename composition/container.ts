import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { askHealth } from './container-health.ts'
import { CONTAINER_PROGRAMS } from './container-programs.ts'

const BAD_USAGE = 2
const names = Object.keys(CONTAINER_PROGRAMS)
const USAGE = `Say which program to run, and its arguments: ${names.join(', ')}.
health [PROGRAM] [--ready] asks the program of this container how it is.`

/**
 * The entry of the image: `worker`, `orders show …` and so on run that program in this very process, which hence gets the signals that the
 * container gets. `health` asks the program that the container runs.
 */
const [name = '', ...args] = process.argv.slice(2)
if (name === 'health') await health(args)
else if (names.includes(name)) await start(name, args)
else {
  console.error(USAGE)
  process.exit(BAD_USAGE)
}

async function start(program: string, programArgs: string[]): Promise<void> {
  endBySignals()
  const path = fileURLToPath(import.meta.resolve(`../${CONTAINER_PROGRAMS[program]?.module}.js`))
  // The program finds its arguments as if it had been run by itself.
  process.argv.splice(1, Number.POSITIVE_INFINITY, path, ...programArgs)
  await import(path)
}

/** The first process of a container is ended by no signal that it does not handle: programs that are done at once handle none, and neither does one that is still starting. */
function endBySignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
    })
  }
}

async function health(healthArgs: string[]): Promise<void> {
  const path = healthArgs.includes('--ready') ? '/readyz' : '/healthz'
  const program = healthArgs.find((arg) => !arg.startsWith('--')) ?? running()
  const asked = CONTAINER_PROGRAMS[program]?.health
  // What is done at once is well for as long as it runs.
  if (!asked) return
  await askHealth(asked, process.env, path).then(
    () => process.exit(0),
    (error: Error) => {
      console.error(`${program}: ${error.message}`)
      process.exit(1)
    },
  )
}

/** The program that the container's first process runs, from its command line; an init of the container's may stand before it. */
function running(): string {
  const line = readFileSync('/proc/1/cmdline', 'utf8').split('\0')
  return line[line.findIndex((word) => word.endsWith('/composition/container.js')) + 1] ?? ''
}
