import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts'

/** A process that a launcher started. */
export interface RecordedProcess extends ProcessIdentity {
  name: string
  stopSignal: NodeJS.Signals
}

interface Launch {
  launcher: ProcessIdentity
  processes: RecordedProcess[]
}

/** Record of who launched a stack on a data folder, and which processes that made. It outlives kill -9 of the launcher. */
export interface LaunchRecord {
  /** Processes of an earlier launcher that still run, and are certainly those. */
  leftovers: RecordedProcess[]
  add(name: string, pid: number, stopSignal: NodeJS.Signals): void
  remove(pid: number): void
  /** Lets the next launcher have the folder. */
  close(): void
}

/**
 * Claims a data folder for this process.
 * @throws Error naming the launcher that has it and still runs
 */
export function openLaunchRecord(dataDir: string): LaunchRecord {
  mkdirSync(dataDir, { recursive: true })
  const file = join(dataDir, 'launch.json')
  const scratch = `${file}.${process.pid}`
  const launcher = identify(process.pid) as ProcessIdentity
  const launch: Launch = { launcher, processes: [] }

  // Made whole beside it and linked: of two launchers at the same moment one gets the name, and nobody reads half a file.
  const claim = () => {
    writeFileSync(scratch, JSON.stringify(launch))
    try {
      linkSync(scratch, file)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return false
    } finally {
      rmSync(scratch)
    }
  }
  let leftovers: RecordedProcess[] = []
  while (!claim()) {
    const earlier = read(file)
    if (!earlier) continue // given up at this very moment
    refuseIfRunning(earlier, dataDir)
    leftovers = earlier.processes.filter(isRunning)
    // Kept in the new record until they are gone, so that a second kill -9 does not forget them.
    launch.processes = leftovers.slice()
    const aside = `${file}.stale.${process.pid}`
    try {
      renameSync(file, aside)
    } catch {
      continue // another launcher took the stale record away
    }
    const taken = read(aside)
    if (taken && isRunning(taken.launcher)) linkSync(aside, file) // it was no longer the stale one: given back, read again
    rmSync(aside)
  }

  const save = () => {
    writeFileSync(scratch, JSON.stringify(launch))
    renameSync(scratch, file)
  }
  return {
    leftovers,
    add(name, pid, stopSignal) {
      const identity = identify(pid)
      if (!identity) return
      launch.processes.push({ name, stopSignal, ...identity })
      save()
    },
    remove(pid) {
      launch.processes = launch.processes.filter((process) => process.pid !== pid)
      save()
    },
    close() {
      rmSync(file, { force: true })
    },
  }
}

function read(file: string): Launch | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Launch
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (!(error instanceof SyntaxError)) throw error
    throw new Error(
      `${file} is damaged, so that nobody knows what an earlier start left: end what runs of it, then remove the file`,
    )
  }
}

function refuseIfRunning({ launcher }: Launch, dataDir: string) {
  if (!isRunning(launcher)) return
  throw new Error(`Another stack runs on ${dataDir} (its launcher has pid ${launcher.pid}): use it, or stop it by Ctrl-C first`)
}
