import { setTimeout as sleep } from 'node:timers/promises'
import type { LaunchRecord, RecordedProcess } from './launch-record.ts'
import { STOP_WITHIN } from './part.ts'
import { isRunning } from './process-identity.ts'

/**
 * Ends exactly what an earlier launcher, itself killed, left running, and returns when it is gone: a start beside it would meet its ports
 * and its data. Each is asked first, and killed if it has not ended after `stopWithin` milliseconds.
 */
export async function endLeftovers(record: LaunchRecord, log: (line: string) => void, stopWithin = STOP_WITHIN): Promise<void> {
  await Promise.all(
    record.leftovers.map(async (leftover) => {
      await end(leftover, stopWithin)
      record.remove(leftover.pid)
      log(`${leftover.name}: ended the process of an earlier start (pid ${leftover.pid})`)
    }),
  )
}

async function end(leftover: RecordedProcess, stopWithin: number) {
  for (const [signal, within] of [
    [leftover.stopSignal, stopWithin],
    ['SIGKILL', Number.POSITIVE_INFINITY],
  ] as const) {
    if (!isRunning(leftover)) return
    try {
      process.kill(leftover.pid, signal)
    } catch {
      return // gone at this moment
    }
    for (const deadline = performance.now() + within; performance.now() < deadline && isRunning(leftover); ) await sleep(20)
  }
}
