import { setTimeout as sleep } from 'node:timers/promises'
import type { LaunchRecord, RecordedProcess } from './launch-record.ts'
import type { Part, RunningPart } from './part.ts'
import { isRunning } from './process-identity.ts'

/** Keeps parts running: one that dies is started again. */
export interface Supervisor {
  /**
   * Starts a part, waits until it is healthy and says so in a line.
   * @throws Error when it does not become healthy
   */
  start(part: Part): Promise<void>
  /** Runs what ends by itself; it is killed when the stack is stopped meanwhile. */
  runTask(name: string, task: (onSpawn: (pid: number) => void) => Promise<void>): Promise<void>
  /** Starts a part again that was stopped by name. */
  startAgain(name: string): Promise<void>
  /** Stops a part and leaves it stopped. */
  stop(name: string): Promise<void>
  /** Sends a signal; a part that dies of it is started again. */
  kill(name: string, signal: NodeJS.Signals): void
  /** Of the process that is up at this moment. */
  pidOf(name: string): number | undefined
  /** Stops the parts of a group at the same time, group after group, then whatever is left. Nothing starts any more. */
  stopAll(order: readonly (readonly string[])[]): Promise<void>
  /** Ends every process at once, in no order. */
  killAll(): void
}

interface Entry {
  part: Part
  wanted: boolean
  pid?: number | undefined
  running?: RunningPart | undefined
  /** The start that is under way. */
  starting?: Promise<void> | undefined
}

/** Pauses before a part that died is started again, in milliseconds; the last one repeats. */
const BACKOFF = [200, 500, 1_000, 2_000, 5_000, 10_000]
/** A part that was up for so long died of something new: its pauses begin anew. Milliseconds. */
const STEADY_AFTER = 30_000
/** How long a leftover of an earlier launcher may take to end before SIGKILL, in milliseconds. */
const LEFTOVER_WITHIN = 5_000

export function createSupervisor(record: LaunchRecord, log: (line: string) => void): Supervisor {
  const entries = new Map<string, Entry>()
  const closing = new AbortController()

  async function launch(entry: Entry) {
    const { part } = entry
    let pid = 0
    try {
      const running = await part.start((spawned) => {
        pid = spawned
        onSpawn(entry, spawned)
      })
      entry.running = running
      entry.pid = running.pid
      const since = Date.now()
      running.exited.then((how) => onExit(entry, running, how, Date.now() - since))
    } catch (error) {
      entry.pid = undefined
      if (pid) record.remove(pid)
      throw error
    }
  }

  function onSpawn(entry: Entry, pid: number) {
    record.add(entry.part.name, pid, entry.part.stopSignal)
    entry.pid = pid
    if (!entry.wanted) signalTo(pid, 'SIGKILL') // it was stopped before there was a process
  }

  function onExit(entry: Entry, running: RunningPart, how: string, upFor: number) {
    record.remove(running.pid)
    entry.running = undefined
    entry.pid = undefined
    if (!entry.wanted) return
    log(`${entry.part.name} died (${how}), starting it again`)
    entry.starting = revive(entry, upFor < STEADY_AFTER ? entry : undefined)
  }

  const deaths = new WeakMap<Entry, number>()
  async function revive(entry: Entry, unsteady: Entry | undefined) {
    for (let deathCount = unsteady ? (deaths.get(entry) ?? 0) : 0; entry.wanted; deathCount++) {
      deaths.set(entry, deathCount + 1)
      await sleep(BACKOFF[Math.min(deathCount, BACKOFF.length - 1)], undefined, { signal: closing.signal }).catch(() => {})
      if (!entry.wanted) return
      try {
        await launch(entry)
        log(`${entry.part.name} is ready again: ${entry.part.at}`)
        return
      } catch (error) {
        if (entry.wanted) log((error as Error).message)
      }
    }
  }

  async function begin(entry: Entry) {
    if (closing.signal.aborted) throw new Error(`${entry.part.name} is not started: the stack is being stopped`)
    entry.wanted = true
    entry.starting = launch(entry)
    await entry.starting
    log(`${entry.part.name} ready: ${entry.part.at}`)
  }

  async function stop(entry: Entry | undefined) {
    if (!entry) return
    entry.wanted = false
    if (!entry.running && entry.pid) signalTo(entry.pid, 'SIGKILL') // it is starting: nothing of value is lost
    await entry.starting?.catch(() => {}) // told to whoever started it
    await entry.running?.stop()
  }

  const entryOf = (name: string): Entry => {
    const entry = entries.get(name)
    if (!entry) throw new Error(`There is no part ${name}; there are ${[...entries.keys()].join(', ')}`)
    return entry
  }

  return {
    async start(part) {
      const entry: Entry = { part, wanted: true }
      entries.set(part.name, entry)
      await begin(entry)
    },
    async runTask(name, task) {
      const part: Part = {
        name,
        at: '',
        stopSignal: 'SIGKILL',
        async start(onSpawn) { await task(onSpawn) },
      }
    },
    async startAgain(name) {
      const entry = entryOf(name)
      if (!entry.wanted) await begin(entry)
    },
    stop: (name) => stop(entryOf(name)),
    kill(name, signal) {
      const { pid } = entryOf(name)
      if (!pid) throw new Error(`${name} is not up`)
      process.kill(pid, signal)
    },
    pidOf: (name) => entryOf(name).pid,
    async stopAll(order) {
      closing.abort()
      for (const entry of entries.values()) entry.wanted = false
      for (const group of [...order, [...entries.keys()]]) await Promise.all(group.map((name) => stop(entries.get(name))))
    },
    killAll() {
      closing.abort()
      for (const entry of entries.values()) {
        entry.wanted = false
        if (entry.pid) signalTo(entry.pid, 'SIGKILL')
      }
    },
  }
}

/** Ends what an earlier launcher left running: asked first, killed after some seconds. */
export async function endLeftovers(record: LaunchRecord, log: (line: string) => void): Promise<void> {
  await Promise.all(record.leftovers.map((leftover) => end(leftover, log).then(() => record.remove(leftover.pid))))
}

async function end(leftover: RecordedProcess, log: (line: string) => void) {
  const { name, pid, stopSignal } = leftover
  for (const signal of [stopSignal, 'SIGKILL'] as const) {
    if (!isRunning(leftover)) break
    signalTo(pid, signal)
    for (const deadline = Date.now() + LEFTOVER_WITHIN; Date.now() < deadline && isRunning(leftover); ) await sleep(20)
  }
  log(`${name}: ended the process of an earlier start (pid ${pid})`)
}

function signalTo(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone meanwhile.
  }
}
