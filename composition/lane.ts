import type { WorkflowClient } from '@temporalio/client'
import type { Registry } from 'prom-client'
import { BatchStarter } from '../api/batch-starter.ts'
import { LaneIntake } from '../api/lane-intake.ts'
import { laneMetrics } from '../api/lane-metrics.ts'
import { LoopLag } from '../api/loop-lag.ts'
import type { HeadStarts } from './head-starts.ts'

interface Options {
  taskQueue: string
  maxInFlight: number
  maxQueue: number
  waitMs: number
}

type Client = Pick<WorkflowClient, 'start' | 'withDeadline'>

export interface Lane {
  intake: LaneIntake
  /** Switches to a client on one connection with a worker of this process, which gets each batch's first task at once. */
  startBy(client: Client, headStarts: HeadStarts): void
}

/** Joins the express lane's intake with what starts its batches: at first the given client. */
export function createLane(client: Client, { taskQueue, ...limits }: Options, registry: Registry): Lane {
  const { onBatchEnd, onShed } = laneMetrics(registry, () => intake.queued)
  let starter = new BatchStarter(client, { taskQueue, onBatchEnd })
  const lag = new LoopLag()
  const intake = new LaneIntake(() => starter, { ...limits, lagMs: () => lag.ms, onShed })
  return {
    intake,
    startBy(client, headStarts) {
      starter = new BatchStarter(client, { taskQueue, onBatchEnd, headStarts })
    },
  }
}
