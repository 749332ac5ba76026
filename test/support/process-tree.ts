import { execFileSync } from 'node:child_process'

/**
 * Ends a process with all that it started, at once. Those in groups of their own too (PostgreSQL), which outlive a killed group; not
 * what was left behind by a parent that is gone already.
 */
export function killTree(root: number): void {
  for (const pid of [root, ...descendantsOf(root)]) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {} // it has ended
  }
}

/** Everything that a process started, and what that started. */
export function descendantsOf(root: number): number[] {
  if (process.platform === 'win32') return []
  const children = new Map<number, number[]>()
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const found = [root]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found.slice(1)
}
