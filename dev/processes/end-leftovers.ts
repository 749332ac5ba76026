import { setTimeout as sleep } from 'node:timers/promises'
import type { LaunchRecord, RecordedProcess } from './launch-record.ts'
import { isRunning } from './process-identity.ts'

/** Time that a leftover may take to end before SIGKILL, in milliseconds. */
const ENDS_WITHIN = 5_000

/** Ends exactly what an earlier launcher, itself killed, left running: asked first, killed after some seconds. */
export async function endLeftovers(record: LaunchRecord, log: (line: string) => void): Promise<void> {
  await Promise.all(
    record.leftovers.map(async (leftover) => {
      await end(leftover)
      record.remove(leftover.pid)
      log(`${leftover.name}: ended the process of an earlier start (pid ${leftover.pid})`)
    }),
  )
}

async function end(leftover: RecordedProcess) {
  for (const signal of [leftover.stopSignal, 'SIGKILL'] as const) {
    if (!isRunning(leftover)) return
    try {
      process.kill(leftover.pid, signal)
    } catch {
      return // gone at this moment
    }
    for (const deadline = performance.now() + ENDS_WITHIN; performance.now() < deadline && isRunning(leftover); ) await sleep(20)
  }
}
