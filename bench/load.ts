import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadMessage, LoadTask, Measured } from './load-messages.ts'
import { orderCallers, type PlaceOrder } from './order-callers.ts'
import { percentile } from './report/statistics.ts'

/** A row whose processes were just woken has connections to mend first, and a machine may be slow. Milliseconds. */
const ANSWERS_WITHIN = 60_000
/** Pause of a caller that got no good answer while warming up, in milliseconds. */
const RETRY_MS = 50

/** Keys differ between two benches on one Temporal server, users between any two orders. */
const run = Date.now().toString(36)
let orders = 0

/** The load generator, a process of its own: works off the tasks that its parent sends, one at a time, until that is gone. */
process.on('message', (task: LoadTask) => {
  work(task).then(tell, (error: unknown) => tell({ kind: 'failed', message: String(error) }))
})
process.on('disconnect', () => process.exit(0))
tell({ kind: 'ready' })

function tell(message: LoadMessage): void {
  process.send?.(message)
}

async function work(task: LoadTask): Promise<Measured> {
  const latencies: number[] = []
  let phase: 'warming' | 'measuring' | 'over' = 'warming'
  let failed = 0
  let sample: string | undefined
  let good = 0

  const { callers, close } = orderCallers(task, run)
  let id = task.carts ? task.carts.firstUser - 1 : orders
  const next = () => {
    id++
    if (!task.carts) orders = id
    return id
  }

  async function call(place: PlaceOrder): Promise<void> {
    while (phase !== 'over') {
      const start = performance.now()
      const { done, answer } = await place(next())
      const ms = performance.now() - start
      // A caller that got no order has not earned its next turn at once: a server in trouble would see a storm.
      if (!done) await sleep(RETRY_MS)
      else if (phase === 'warming') good++
      // What began before the window counts where it ends: over the window as many come in as go out.
      if (phase !== 'measuring') continue
      if (done) latencies.push(ms)
      else {
        failed++
        sample ??= answer.slice(0, 300)
      }
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
  while (latencies.length + failed === 0 && performance.now() < last) await sleep(10)
  const seconds = (performance.now() - begin) / 1_000
  phase = 'over'
  tell({ kind: 'over' })
  await Promise.all(calling)
  close()

  latencies.sort((a, b) => a - b)
  const at = (share: number) => percentile(latencies, share)
  return {
    kind: 'measured',
    done: latencies.length,
    seconds,
    ...(latencies.length > 0 && { latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) } }),
    failed,
    ...(sample !== undefined && { sample }),
  }
}
