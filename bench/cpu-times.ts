import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in ticks of 1/100 s for user programs on every architecture that Node runs on (USER_HZ). */
const MS_PER_TICK = 10

/** CPU time of processes so far; `undefined` if there is no /proc. */
export interface CpuTimes {
  /** Milliseconds by name. */
  byName: Record<string, number>
  /** Milliseconds that the whole machine was busy. */
  machine: number
}

/**
 * @param processes by name, each with all that descend from it: PostgreSQL has a process for each connection. The time of those
 * that ended is with their parent.
 */
export function readCpuTimes(processes: Record<string, number[]>): CpuTimes | undefined {
  const children = childrenByParent()
  if (!children) return undefined
  const timeOf = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + timeOf(child), ticksOf(pid) * MS_PER_TICK)
  return {
    byName: Object.fromEntries(
      Object.entries(processes).map(([name, pids]) => [name, pids.reduce((sum, pid) => sum + timeOf(pid), 0)]),
    ),
    machine: machineTicks() * MS_PER_TICK,
  }
}

/** Resident memory of one process in bytes; NaN if there is no /proc. */
export function readMemory(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1_024
  } catch {
    return Number.NaN
  }
}

function childrenByParent(): Map<number, number[]> | undefined {
  const children = new Map<number, number[]>()
  let pids: number[]
  try {
    pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return undefined
  }
  for (const pid of pids) {
    const parent = Number(statOf(pid)[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  return pids.length > 0 ? children : undefined
}

/** utime, stime, and both of the children that were waited for: proc_pid_stat(5), fields 14 to 17. */
function ticksOf(pid: number): number {
  return statOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0)
}

/** The fields from the third on: the second, the command's name, may hold anything. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return [] // it ended at this moment
  }
}

/** Everything in the first line of /proc/stat but idle and iowait (the fourth and fifth), and guests, which are in user. */
function machineTicks(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number)
  return user + nice + system + irq + softirq + steal
}
