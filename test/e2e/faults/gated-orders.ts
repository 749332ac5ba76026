import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { WorkflowHandle } from '@temporalio/client'
import { createOrderWorkflowId, WORKFLOW_TYPES } from '../../../contracts/create-order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { onEnd } from '../../support/on-end.ts'
import type { TestStack } from '../../support/stack.ts'
import { until } from './until.ts'

const STEPS = ['openOrder', 'getUser', 'batchGetGoods', 'sell', 'confirmOrder', 'voidOrder', 'reback'] as const

/** Before and behind the effect of every step. */
export type Gate = `${'before' | 'after'}:${(typeof STEPS)[number]}`

/** An order that stands at its gate. */
export interface GatedOrder {
  gate: Gate
  orderSn: string
  handle: WorkflowHandle
}

const GATES: Gate[] = STEPS.flatMap((step): Gate[] => [`before:${step}`, `after:${step}`])
const WORKER = new URL('../gated-worker.ts', import.meta.url)

/** The orders of one gated-worker.ts process, which has a task queue of its own. */
export class GatedOrders {
  /** Goods that these orders are for. */
  static readonly GOODS_IDS = [11, 12]
  readonly taskQueue = `gated-${randomUUID()}`
  readonly #stack: TestStack
  readonly #worker: ChildProcess
  readonly #said = new Set<unknown>()

  private constructor(stack: TestStack) {
    this.#stack = stack
    this.#worker = fork(WORKER, {
      execArgv: ['--import', 'tsx'],
      env: { ...stack.env, TASK_QUEUE: this.taskQueue },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#worker.on('message', (said) => this.#said.add(said))
    onEnd(() => this.kill())
  }

  /** The process polls when it comes back. */
  static async start(stack: TestStack): Promise<GatedOrders> {
    const orders = new GatedOrders(stack)
    await until('the gated worker polls', () => assert.ok(orders.#said.has('polling')))
    return orders
  }

  /** Starts one order for each gate, each of another user, and comes back when every one of them stands at its gate. */
  async haltAtEveryGate(): Promise<GatedOrder[]> {
    const batch = randomUUID()
    const halted = await Promise.all(GATES.map((gate, i) => this.#start(gate, 1 + i, `${batch}#${gate}`)))
    await until('every order stands at its gate', () => {
      const missing = halted.filter(({ handle }) => !this.#said.has(handle.workflowId))
      assert.deepEqual(
        missing.map(({ gate }) => gate),
        [],
      )
    })
    return halted
  }

  /** Lets orders pass. */
  open(orders: readonly GatedOrder[]): void {
    this.#worker.send(orders.map(({ handle }) => handle.workflowId))
  }

  /** Ends the process when the activities under way are done: then no effect of theirs is still to come. */
  async drain(): Promise<void> {
    await this.#end('SIGTERM')
    assert.equal(this.#worker.exitCode, 0)
  }

  /** Ends the process at this moment. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const { exitCode, signalCode } = this.#worker
    if (exitCode !== null || signalCode !== null) return
    this.#worker.kill(signal)
    await once(this.#worker, 'exit')
  }

  async #start(gate: Gate, userId: number, requestId: string): Promise<GatedOrder> {
    const lines = GatedOrders.GOODS_IDS.map((goodsId, i) => ({ goodsId, num: 1 + i }))
    const input = { userId, requestId, address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000', lines }
    const handle = await this.#stack.client.workflow.start(WORKFLOW_TYPES.createOrder, {
      workflowId: createOrderWorkflowId(input),
      taskQueue: this.taskQueue,
      args: [input],
    })
    return { gate, orderSn: orderSnOf(input), handle }
  }
}
