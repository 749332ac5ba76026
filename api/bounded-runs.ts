import type { OrderRuns } from '../temporal/order-runs.ts'
import { SharedLookups } from './shared-lookups.ts'

/** Queries of runs at the same time, each for a fifth of a second at least: 20 a second. */
const QUERIES = 4

type Looks = Pick<OrderRuns, 'progress'>

/** Bounds what readers cost Temporal, which creates the orders as well. Beyond the bound it is not reported where a run stands. */
export function boundedRuns(runs: Looks): Looks {
  const progress = new SharedLookups((workflowId) => runs.progress(workflowId), QUERIES)
  return { progress: async (workflowId) => await progress.find(workflowId) }
}
