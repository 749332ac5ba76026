import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningPart } from '../../../dev/processes/part.ts'
import { endRuns } from '../../e2e/faults/end-runs.ts'
import { spawnRoot } from '../../e2e/faults/spawn-root.ts'
import { everyUser } from '../../support/every-user.ts'
import type { TestStack } from '../../support/stack.ts'
import { GrpcProxy } from '../chaos/proxies/grpc-proxy.ts'

/** Parts that may be missing for a while. */
export const OUTAGES = ['temporal', 'postgres', 'inventory', 'slow-goods'] as const
export type OutageKind = (typeof OUTAGES)[number]

/** Delay of each answer of slow Goods: within the client's deadline of 5 s, and far beyond what the lane waits. Milliseconds. */
const SLOW_MS = 4_000

/** Callers wait as long as in production, not as long as the test stack lets them. */
const DEFAULT_WAIT_MS = '10000'

let shops = 0

/**
 * A worker and a starter of their own, beside those of the stack and on a task queue of their own, with as many users as one
 * likes; and what they need can be taken away.
 */
export class OutageShop {
  readonly stack: TestStack
  readonly taskQueue: string
  readonly worker: RunningPart & { url: string }
  readonly starter: RunningPart & { url: string }
  readonly #goods: GrpcProxy
  readonly #users: { stop(): void }

  private constructor(
    parts: Pick<OutageShop, 'stack' | 'taskQueue' | 'worker' | 'starter'>,
    goods: GrpcProxy,
    users: { stop(): void },
  ) {
    this.stack = parts.stack
    this.taskQueue = parts.taskQueue
    this.worker = parts.worker
    this.starter = parts.starter
    this.#goods = goods
    this.#users = users
  }

  static async open(stack: TestStack, intake: 'single' | 'lane', further: Record<string, string> = {}): Promise<OutageShop> {
    const users = await everyUser()
    const goods = await GrpcProxy.before(`127.0.0.1:${stack.ports.goods}`)
    const taskQueue = `outages-${++shops}-${intake}`
    const targets = { USER_TARGET: users.address, GOODS_TARGET: goods.address }
    const settings = { TASK_QUEUE: taskQueue, INTAKE: intake, HTTP_WAIT_MS: DEFAULT_WAIT_MS, ...targets, ...further }
    const [worker, starter] = await Promise.all([spawnRoot(stack, 'worker', settings), spawnRoot(stack, 'starter', settings)])
    return new OutageShop({ stack, taskQueue, worker, starter }, goods, users)
  }

  async begin(kind: OutageKind): Promise<void> {
    if (kind !== 'slow-goods') return await this.stack.stopPart(kind)
    // Health checks pass: a service that is slow says of itself that it serves.
    this.#goods.befall = ({ path }) => (path.startsWith('/Goods/') ? { after: sleep(SLOW_MS) } : undefined)
  }

  /** Comes back when what was away is there again. */
  async end(kind: OutageKind): Promise<void> {
    if (kind === 'slow-goods') this.#goods.befall = () => undefined
    else await this.stack.startPart(kind)
  }

  /** Comes back when its orders are settled: nothing waits for a worker that is gone. */
  async stop(): Promise<void> {
    try {
      await this.starter.stop()
      await endRuns(this.stack, this.taskQueue)
    } finally {
      await this.worker.stop()
      await this.#goods.close()
      this.#users.stop()
    }
  }
}
