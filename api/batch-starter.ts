import { type WorkflowClient, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import { createOrderWorkflowId, type OrderInput, type OrderRequest, WORKFLOW_TYPES } from '../contracts/create-order.ts'
import type { BatchOutcome } from '../contracts/create-orders.ts'
import { searchAttributesOfBatch } from '../contracts/search-attributes.ts'
import { BATCH_TASK_TIMEOUT_MS } from '../contracts/time-budget.ts'
import { outcomeOf } from '../temporal/order-runs.ts'
import { startRun } from '../temporal/start-run.ts'
import { inBatchSpan } from './batch-span.ts'
import type { LaneOrder, LaneOutcome } from './lane-order.ts'

type CreateOrders = (inputs: OrderInput[]) => Promise<BatchOutcome[]>

interface HeadStart {
  begin(): void
  end(): void
}

interface Options {
  taskQueue: string
  /** Called with what became of the orders of a batch, as far as it is known, when its run has ended. */
  onBatchEnd?: (outcomes: readonly BatchOutcome[]) => void
  /**
   * Tries a batch's steps in this process, from the moment when Temporal holds it (composition/head-starts.ts): the client is on one
   * connection with a worker of this process then, which gets each batch's first task at once.
   */
  headStarts?: { of(workflowId: string, requests: OrderRequest[]): HeadStart }
}

/** Starts the run of a batch, and follows it to its end. */
export class BatchStarter {
  readonly #client: Pick<WorkflowClient, 'start' | 'withDeadline'>
  readonly #options: Options

  constructor(client: Pick<WorkflowClient, 'start' | 'withDeadline'>, options: Options) {
    this.#client = client
    this.#options = options
  }

  /** Comes back when the run has ended, or its fate is not known. Never rejects: whatever happens, the callers of the orders hear of it. */
  async run(workflowId: string, orders: readonly LaneOrder[]): Promise<void> {
    const requests = orders.map(({ request }) => request)
    const spans = orders.flatMap((order) => order.spans)
    let headStart: HeadStart | undefined
    try {
      headStart = this.#options.headStarts?.of(workflowId, requests)
      const started = await inBatchSpan(spans, async () => {
        const started = await startRun(this.#client, () => this.#start(workflowId, requests, orders))
        if (started.kind === 'started' && started.run.eagerlyStarted) headStart?.begin()
        return started
      })
      // Nobody else uses this name: a run is there only if the SDK repeated a start of ours whose answer was lost.
      if (started.kind !== 'started') {
        for (const order of orders) order.end(order.open)
        return
      }
      for (const order of orders) order.markStarted()
      await this.#follow(started.run, orders)
    } catch (error) {
      for (const order of orders) order.fail(error)
    } finally {
      headStart?.end()
    }
  }

  async #follow(handle: Pick<WorkflowHandle<CreateOrders>, 'result'>, orders: readonly LaneOrder[]): Promise<void> {
    const { onBatchEnd } = this.#options
    try {
      const outcomes = await handle.result()
      for (const [i, order] of orders.entries()) order.end(laneOutcomeOf(outcomes[i], order))
      onBatchEnd?.(outcomes)
    } catch (error) {
      const ends = orders.map((order) => {
        const end = endOf(error, order)
        order.end(end)
        return end
      })
      onBatchEnd?.(ends.flatMap((end) => (end.kind === 'handedOver' ? batchEnded(end.workflowId) : [])))
    }
  }

  #start(workflowId: string, requests: OrderRequest[], orders: readonly LaneOrder[]) {
    return this.#client.start<CreateOrders>(WORKFLOW_TYPES.createOrders, {
      workflowId,
      taskQueue: this.#options.taskQueue,
      args: [requests],
      typedSearchAttributes: searchAttributesOfBatch(orders),
      staticSummary: orders.length === 1 ? '1 order' : `${orders.length} orders`,
      workflowTaskTimeout: BATCH_TASK_TIMEOUT_MS,
      requestEagerStart: this.#options.headStarts !== undefined,
    })
  }
}

/** Outcome of an order whose batch came to no end of its own, or to one that is not known here. */
function endOf(error: unknown, order: LaneOrder): LaneOutcome {
  if (error instanceof WorkflowFailedError) {
    // Cancelled, the batch has handed over what it had not decided; terminated, it has not, and there may be no such run.
    return { kind: 'handedOver', workflowId: createOrderWorkflowId(order.orderSn) }
  }
  const outcome = outcomeOf(error)
  return outcome.kind === 'open' ? order.open : outcome
}

function batchEnded(workflowId: string): BatchOutcome {
  return { state: 'handedOver', workflowId, why: 'the batch was cancelled or terminated', reason: 'batch_ended' }
}

function laneOutcomeOf(outcome: BatchOutcome | undefined, order: LaneOrder): LaneOutcome {
  switch (outcome?.state) {
    case 'confirmed':
      return { kind: 'created', result: outcome.order }
    case 'refused':
      return { kind: 'refused', refused: outcome.refusal }
    case 'handedOver':
      return { kind: 'handedOver', workflowId: outcome.workflowId }
    default:
      return order.open
  }
}
