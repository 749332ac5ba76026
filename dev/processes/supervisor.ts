import type { LaunchRecord } from './launch-record.ts'
import type { Part } from './part.ts'
import { SupervisedPart } from './supervised-part.ts'

/** The processes of one stack. */
export class Supervisor {
  readonly #record: LaunchRecord
  readonly #log: (line: string) => void
  readonly #deps = new Map<string, SupervisedPart>()
  readonly #tasks = new Set<{ pid?: number; done: Promise<void> }>()
  #closed = false

  constructor(record: LaunchRecord, log: (line: string) => void) {
    this.#record = record
    this.#log = log
  }

  /**
   * Starts a part and keeps it running.
   * @throws Error when it does not become healthy the first time, or when the stack is being stopped
   */
  async start(part: Part): Promise<void> {
    this.#refuseWhenClosed(part.name)
    const supervised = new SupervisedPart(part, this.#record, this.#log)
    this.#deps.set(part.name, supervised)
    await supervised.start()
  }

  /**
   * Runs what ends by itself.
   * @throws Error of the task, or when the stack is being stopped
   */
  async runTask(name: string, run: (onSpawn: (pid: number) => void) => Promise<void>): Promise<void> {
    this.#refuseWhenClosed(name)
    let pid: number | undefined
    const done = run((spawned) => {
      pid = spawned
      task.pid = spawned
      this.#record.add(name, spawned, 'SIGKILL')
      if (this.#closed) kill(spawned)
    })
    const task: { pid?: number; done: Promise<void> } = { done: done.catch(() => {}) }
    this.#tasks.add(task)
    try {
      await done
      this.#log(`${name} done`)
    } finally {
      this.#tasks.delete(task)
      if (pid !== undefined) this.#record.remove(pid)
    }
  }

  /** @throws Error naming the parts there are */
  part(name: string): SupervisedPart {
    const part = this.#deps.get(name)
    if (!part) throw new Error(`There is no part ${name}: there are ${[...this.#deps.keys()].join(', ')}`)
    return part
  }

  /** Stops everything: the parts of a group at the same time, group after group, then those that no group names. Nothing starts any more. */
  async stopAll(groups: readonly (readonly string[])[]): Promise<void> {
    this.#closed = true
    for (const { pid } of this.#tasks) if (pid !== undefined) kill(pid)
    await Promise.all([...this.#tasks].map(({ done }) => done))
    const left = [...this.#deps.keys()].filter((name) => !groups.flat().includes(name))
    for (const group of [left, ...groups]) await Promise.all(group.map((name) => this.#deps.get(name)?.stop()))
  }

  /** Ends every process at this moment, in no order. */
  killAll(): void {
    this.#closed = true
    for (const { pid } of this.#tasks) if (pid !== undefined) kill(pid)
    for (const part of this.#deps.values()) part.kill('SIGKILL')
  }

  #refuseWhenClosed(name: string) {
    if (this.#closed) throw new Error(`${name} is not started: the stack is being stopped`)
  }
}

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone at this moment.
  }
}
