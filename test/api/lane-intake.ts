import { Registry } from 'prom-client'
import { BatchStarter } from '../../api/batch-starter.ts'
import { LaneIntake } from '../../api/lane-intake.ts'
import { laneMetrics } from '../../api/lane-metrics.ts'
import type { LaneOutcome } from '../../api/lane-order.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'

export interface Batch {
  workflowId: string
  requests: OrderRequest[]
  end: (outcomes: BatchOutcome[] | Error) => void
}

/** The lane's intake with batches that end when and as a test says. */
export function laneIntake({
  maxInFlight = 2,
  maxQueue = 1_000,
  eagerlyStarted = false,
  waitMs = 3_600_000,
  lagMs = (): number => 0,
} = {}) {
  const batches: Batch[] = []
  const told: string[] = []
  const client = {
    withDeadline: async <T>(_deadline: number | Date, call: () => Promise<T>) => await call(),
    start: async (_type: unknown, options: { workflowId: string; args: [OrderRequest[]] }) => {
      let end: Batch['end'] = () => {}
      const result = new Promise<BatchOutcome[]>((resolve, reject) => {
        end = (outcomes) => (outcomes instanceof Error ? reject(outcomes) : resolve(outcomes))
      })
      result.catch(() => {})
      batches.push({ workflowId: options.workflowId, requests: options.args[0], end })
      told.push('started')
      return { result: () => result, eagerlyStarted }
    },
  } as unknown as ConstructorParameters<typeof BatchStarter>[0]
  const registry = new Registry()
  const { onBatchEnd, onShed } = laneMetrics(registry)
  let starter = new BatchStarter(client, { taskQueue: 'test', onBatchEnd })
  const lane = new LaneIntake(() => starter, { maxInFlight, maxQueue, waitMs, lagMs, onShed })
  /** Batches are started beside a worker of this process from now on. */
  const startEagerlyWith = (headStarts: ConstructorParameters<typeof BatchStarter>[1]['headStarts']) => {
    starter = new BatchStarter(client, { taskQueue: 'test', onBatchEnd, ...(headStarts && { headStarts }) })
  }
  const take = (userId: number, requestId = 'key', lines = 1, signal = new AbortController().signal): Promise<LaneOutcome> => {
    const request = {
      userId,
      requestId,
      address: 'a',
      name: 'n',
      mobile: 'm',
      lines: Array.from({ length: lines }, (_, i) => ({ goodsId: i + 1, num: 1 })),
    }
    return lane.take(request, orderSnOf(request), signal)
  }
  return { lane, batches, take, told, client, startEagerlyWith, metrics: () => registry.metrics() }
}
