import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { onEnd } from '../../support/on-end.ts'
import type { TestStack } from '../../support/stack.ts'
import { until } from './until.ts'

const WORKER = new URL('../gated-worker.ts', import.meta.url)

/** Point at which a run halts: before the effect of a step, or behind it. */
export type GateOf<Step extends string> = `${'before' | 'after'}:${Step}`

/** Every gate of these steps. */
export function gatesOf<Step extends string>(steps: readonly Step[]): GateOf<Step>[] {
  return steps.flatMap((step): GateOf<Step>[] => [`before:${step}`, `after:${step}`])
}

/** One gated-worker.ts process, which has a task queue of its own. */
export class GatedWorkerProcess {
  readonly taskQueue = `gated-${randomUUID()}`
  readonly #process: ChildProcess
  readonly #said = new Set<unknown>()

  private constructor(stack: TestStack) {
    this.#process = fork(WORKER, {
      execArgv: ['--import', 'tsx'],
      env: { ...stack.env, TASK_QUEUE: this.taskQueue },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#process.on('message', (said) => this.#said.add(said))
    onEnd(() => this.kill())
  }

  /** The process polls when it comes back. */
  static async start(stack: TestStack): Promise<GatedWorkerProcess> {
    const started = new GatedWorkerProcess(stack)
    await until('the gated worker polls', () => assert.ok(started.#said.has('polling')))
    return started
  }

  /** Waits until each of these runs stands at its gate. */
  async haveHalted(workflowIds: readonly string[]): Promise<void> {
    await until('every run stands at its gate', () => {
      assert.deepEqual(
        workflowIds.filter((workflowId) => !this.#said.has(workflowId)),
        [],
      )
    })
  }

  /** Lets runs pass. */
  open(runs: readonly { handle: { workflowId: string } }[]): void {
    this.#process.send(runs.map(({ handle }) => handle.workflowId))
  }

  /** Ends the process when the activities under way are done: then no effect of theirs is still to come. */
  async drain(): Promise<void> {
    await this.#end('SIGTERM')
    assert.equal(this.#process.exitCode, 0)
  }

  /** Ends the process at this moment. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const { exitCode, signalCode } = this.#process
    if (exitCode !== null || signalCode !== null) return
    this.#process.kill(signal)
    await once(this.#process, 'exit')
  }
}
