import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflows } from '../../../composition/workflow-bundle.ts'
import { onEnd } from '../../support/on-end.ts'
import type { TestStack } from '../../support/stack.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { until } from './until.ts'

const WORKER = new URL('../gated-worker.ts', import.meta.url)
const PATIENT_LANE = fileURLToPath(new URL('../patient-lane.ts', import.meta.url))

let bundle: Promise<string> | undefined

/** The workflows with a lane that waits at gates, bundled once for all of these processes. */
async function bundlePatientLane(): Promise<string> {
  const file = join(await tempDir(), 'patient-lane.js')
  await bundleWorkflows(file, {}, [PATIENT_LANE])
  return file
}

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

  private constructor(stack: TestStack, bundled: string, settings: Record<string, string>) {
    this.#process = fork(WORKER, {
      execArgv: ['--import', 'tsx'],
      env: { ...stack.env, ...settings, TASK_QUEUE: this.taskQueue, WORKFLOW_BUNDLE: bundled },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#process.on('message', (said) => this.#said.add(said))
    onEnd(() => this.kill())
  }

  /** The process polls when it comes back. @param settings beside those of the stack */
  static async start(stack: TestStack, settings: Record<string, string> = {}): Promise<GatedWorkerProcess> {
    bundle ??= bundlePatientLane()
    const started = new GatedWorkerProcess(stack, await bundle, settings)
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
