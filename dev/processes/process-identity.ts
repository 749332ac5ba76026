import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Linux counts so many ticks a second on every architecture that Node runs on (USER_HZ). */
const TICKS_PER_SECOND = 100

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  pid: number
  /** Start time of the process, in whatever unit the system reports; only ever compared for equality. */
  started: string
}

/** The identity of a live process, or `undefined` if there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!isAlive(pid)) return undefined
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedElsewhere(pid)
  return started === undefined ? undefined : { pid, started }
}

/** Reports whether that very process still runs. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return identify(pid)?.started === started
}

/**
 * Time for which a process has worked, in milliseconds; on Linux also that for which it would have, had others not had the processors: on a
 * machine that is short of them it is not the process that stands still. `undefined` if there is no such process, or its time cannot be read.
 */
export function workedMs(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined
  if (process.platform === 'linux') {
    const fields = statOnLinux(pid)
    return fields && (Number(fields[11]) + Number(fields[12])) * (1_000 / TICKS_PER_SECOND) + waitedForProcessorMs(pid)
  }
  if (process.platform === 'win32')
    return Number(ask('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).CPU`])) * 1_000
  // [[days-]hours:]minutes:seconds
  const [, days = 0, clock = ''] = /^(?:(\d+)-)?(.*)$/.exec(ask('ps', ['-o', 'time=', '-p', `${pid}`]) ?? '') ?? []
  return (Number(days) * 86_400 + clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)) * 1_000
}

/** Nanoseconds for which the main thread was ready to run, and did not, are the second field; some kernels count none. */
function waitedForProcessorMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Clock ticks since boot, with the boot's id: two boots may give one pid the same tick. */
function startedOnLinux(pid: number): string | undefined {
  try {
    const fields = statOnLinux(pid)
    if (!fields || fields[0] === 'Z') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}

/** The fields of /proc/PID/stat from the state on, which is the third. */
function statOnLinux(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name stands in brackets and may hold anything, blanks and brackets included.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function startedElsewhere(pid: number): string | undefined {
  return process.platform === 'win32'
    ? ask('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`])
    : ask('ps', ['-o', 'lstart=', '-p', `${pid}`])
}

/** Output of a program; `undefined` if there is none, or it fails. */
function ask(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined
  } catch {
    return undefined
  }
}
