import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Answers } from './answers.ts'
import type { LoadMessage, LoadTask, Measured } from './load-messages.ts'
import { offerSteadily } from './offer-steadily.ts'
import { orderCallers, type PlaceOrder } from './order-callers.ts'

/** A row whose processes were just woken has connections to mend first, and a machine may be slow. Milliseconds. */
const ANSWERS_WITHIN = 60_000
/** Pause of a caller that got no good answer while warming up, in milliseconds. */
const RETRY_MS = 50

/** Keys differ between two benches on one Temporal server, users between any two orders. */
const run = Date.now().toString(36)
let orders = 0

/** The load generator, a process of its own: works off the tasks that its parent sends, one at a time, until that is gone. */
process.on('message', (task: LoadTask) => {
  const { perSecond } = task
  const measured = perSecond === undefined ? inTurns(task) : steadily({ ...task, perSecond })
  measured.then(tell, (error: unknown) => tell({ kind: 'failed', message: String(error) }))
})
process.on('disconnect', () => process.exit(0))
tell({ kind: 'ready' })

function tell(message: LoadMessage): void {
  process.send?.(message)
}

/** Closed loop: each caller sends its next order when it has an answer. */
async function inTurns(task: LoadTask): Promise<Measured> {
  const answers = new Answers()
  let phase: 'warming' | 'measuring' | 'over' = 'warming'
  let good = 0

  const { callers, close } = orderCallers(task, run)
  let id = task.carts ? task.carts.firstUser - 1 : orders
  const next = () => {
    id++
    if (!task.carts) orders = id
    return id
  }

  async function call(place: PlaceOrder): Promise<void> {
    const again = next()
    while (phase !== 'over') {
      const start = performance.now()
      const placed = await place(task.repeated ? again : next())
      const ms = performance.now() - start
      // A caller that got no order has not earned its next turn at once: a server in trouble would see a storm.
      if (!placed.done) await sleep(RETRY_MS)
      else if (phase === 'warming') good++
      // What began before the window counts where it ends: over the window as many come in as go out.
      if (phase === 'measuring') answers.add(placed, ms)
    }
  }

  const calling = callers.map(call)
  const patience = performance.now() + ANSWERS_WITHIN
  const warm = performance.now() + task.warmupMs
  while (performance.now() < warm || (good < task.callers && performance.now() < patience)) await sleep(10)
  tell({ kind: 'begins' })
  phase = 'measuring'
  const begin = performance.now()
  await sleep(task.measureMs)
  // A window without any answer would say nothing, on a slow machine: it lasts until there is one.
  const last = performance.now() + ANSWERS_WITHIN
  while (answers.count === 0 && performance.now() < last) await sleep(10)
  const seconds = (performance.now() - begin) / 1_000
  phase = 'over'
  tell({ kind: 'over' })
  await Promise.all(calling)
  close()
  return answers.measured(seconds)
}

/** Open loop: orders come at their rate, whatever the answers take. */
async function steadily(task: LoadTask & { perSecond: number }): Promise<Measured> {
  const { perSecond, warmupMs, measureMs } = task
  const { callers, close } = orderCallers(task, run)
  const answers = new Answers()
  const answered = offerSteadily(callers, { perSecond, ms: warmupMs + measureMs, warmupMs, next: () => ++orders, answers })
  await sleep(warmupMs)
  tell({ kind: 'begins' })
  await sleep(measureMs)
  tell({ kind: 'over' })
  await answered
  close()
  return answers.measured(measureMs / 1_000)
}
