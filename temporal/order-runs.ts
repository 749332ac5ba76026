import {
  NamespaceNotFoundError,
  ServiceError,
  type WorkflowClient,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common'
import { PayloadLocked } from '../codec/payload-locked.ts'
import { failureIn } from '../contracts/application-failure.ts'
import {
  type CreateOrderResult,
  createOrderWorkflowId,
  type OrderInput,
  type OrderRequest,
  PROGRESS_QUERY,
  type Progress,
  WORKFLOW_TYPES,
} from '../contracts/create-order.ts'
import { type Failure, failure } from '../contracts/failures.ts'
import { ownRun } from './own-run.ts'
import { startRun } from './start-run.ts'
import { within } from './within.ts'

/** A query needs a worker; GET does without its answer when there is none. */
const QUERY_DEADLINE_MS = 1_000

type CreateOrder = (input: OrderInput) => Promise<CreateOrderResult>

/** A run that was started here, or one that was already running for an equal workflow id: perhaps for another body. */
export interface Run {
  attached: boolean
  handle: Pick<WorkflowHandle<CreateOrder>, 'result'>
}

/** State of a run, as far as one waited. `open`: not known yet; `broken`: it failed in no way that the failure table knows. */
export type RunOutcome =
  | { kind: 'created'; result: CreateOrderResult }
  | { kind: 'refused'; refused: Failure }
  | { kind: 'open' }
  | { kind: 'broken'; error: unknown }

/** The `createOrder` runs, seen through a Temporal client. */
export class OrderRuns {
  readonly #client: Pick<WorkflowClient, 'start' | 'getHandle' | 'withDeadline' | 'withAbortSignal'>
  readonly #taskQueue: string

  constructor(client: Pick<WorkflowClient, 'start' | 'getHandle' | 'withDeadline' | 'withAbortSignal'>, taskQueue: string) {
    this.#client = client
    this.#taskQueue = taskQueue
  }

  /**
   * @returns `undefined` if the start may or may not have happened
   * @throws ApplicationFailure ServiceUnavailable or ServiceRejected: certainly nothing was started
   */
  async start(request: OrderRequest, orderSn: string): Promise<Run | undefined> {
    const started = await startRun(this.#client, () =>
      this.#client.start<CreateOrder>(WORKFLOW_TYPES.createOrder, ownRun(request, orderSn, this.#taskQueue)),
    )
    if (started.kind === 'unknown') return undefined
    if (started.kind === 'there') return this.attach(createOrderWorkflowId(orderSn))
    return { attached: false, handle: started.run }
  }

  /** The run of this id, whoever started it. */
  attach(workflowId: string): Run {
    return { attached: true, handle: this.#client.getHandle<CreateOrder>(workflowId) }
  }

  /** Waits for the run's end until the signal is aborted; never throws. */
  async outcome({ handle }: Run, signal: AbortSignal): Promise<RunOutcome> {
    const end = this.#client
      .withAbortSignal(signal, () => handle.result())
      .then<RunOutcome, RunOutcome>((result) => ({ kind: 'created', result }), outcomeOf)
    return await Promise.race([end, openAt(signal)])
  }

  /** Returns where a run stands, or `undefined` if nobody could say within a second: no worker, no server, no such run. */
  async progress(workflowId: string): Promise<Progress | undefined> {
    try {
      return await within(this.#client, QUERY_DEADLINE_MS, () =>
        this.#client.getHandle(workflowId).query<Progress>(PROGRESS_QUERY),
      )
    } catch {
      return undefined
    }
  }
}

/** Derives from the rejection of its result how a run ended. */
export function outcomeOf(error: unknown): RunOutcome {
  if (!(error instanceof WorkflowFailedError)) {
    // The wait broke, not the run.
    const lost =
      error instanceof ServiceError ||
      error instanceof WorkflowNotFoundError ||
      error instanceof NamespaceNotFoundError ||
      // What it ended with can't be read here: whoever has the key knows.
      error instanceof PayloadLocked
    return lost ? { kind: 'open' } : { kind: 'broken', error }
  }
  const { cause } = error
  // The run is gone, its order is not: the sweep settles it, one way or the other.
  if (cause instanceof TerminatedFailure || cause instanceof TimeoutFailure) return { kind: 'open' }
  const refused = failureIn(error)
  if (refused) return { kind: 'refused', refused }
  if (cause instanceof CancelledFailure) {
    return { kind: 'refused', refused: failure('OrderCancelled', 'the run of this order was cancelled') }
  }
  return { kind: 'broken', error }
}

/** `open`, when the signal is aborted. */
export async function openAt(signal: AbortSignal): Promise<{ kind: 'open' }> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  return { kind: 'open' }
}
