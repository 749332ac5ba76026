import { status as grpcStatus } from '@grpc/grpc-js'
import {
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
  type WorkflowClient,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common'
import {
  type CreateOrderInput,
  type CreateOrderResult,
  createOrderWorkflowId,
  type OrderRequest,
  PROGRESS_QUERY,
  type Progress,
  WORKFLOW_TYPES,
} from '../contracts/create-order.ts'
import { failureOf, type Refusal, refusal, refusalIn } from '../contracts/failures.ts'
import { SEARCH_ATTRIBUTES, searchAttributesOf } from '../contracts/search-attributes.ts'

/** Beyond it a start's fate is unknown; a healthy server takes milliseconds. */
export const START_DEADLINE_MS = 3_000
/** A query needs a worker; GET does without its answer when there is none. */
const QUERY_DEADLINE_MS = 1_000

const [, USER_ID] = SEARCH_ATTRIBUTES

/** Answers to a start by which Temporal says that it will not run it, however often it is asked. */
const REJECTIONS = new Set([
  grpcStatus.INVALID_ARGUMENT,
  grpcStatus.NOT_FOUND,
  grpcStatus.PERMISSION_DENIED,
  grpcStatus.UNAUTHENTICATED,
  grpcStatus.FAILED_PRECONDITION,
  grpcStatus.UNIMPLEMENTED,
])

type CreateOrder = (input: CreateOrderInput) => Promise<CreateOrderResult>

/** A run that was started here, or one that was already running for an equal workflow id: perhaps for another body. */
export interface Run {
  attached: boolean
  handle: Pick<WorkflowHandle<CreateOrder>, 'result'>
}

/** What became of a run, as far as one waited. `open`: not known yet; `broken`: it failed in no way that the failure table knows. */
export type RunOutcome =
  | { kind: 'created'; result: CreateOrderResult }
  | { kind: 'refused'; refused: Refusal }
  | { kind: 'open' }
  | { kind: 'broken'; error: unknown }

/** The `createOrder` runs, seen through a Temporal client. */
export class OrderRuns {
  readonly #client: Pick<WorkflowClient, 'start' | 'getHandle' | 'list' | 'withDeadline' | 'withAbortSignal'>
  readonly #taskQueue: string

  constructor(
    client: Pick<WorkflowClient, 'start' | 'getHandle' | 'list' | 'withDeadline' | 'withAbortSignal'>,
    taskQueue: string,
  ) {
    this.#client = client
    this.#taskQueue = taskQueue
  }

  /**
   * @returns `undefined` where the start may or may not have happened
   * @throws ApplicationFailure ServiceUnavailable or ServiceRejected: certainly nothing was started
   */
  async start(request: OrderRequest, orderSn: string): Promise<Run | undefined> {
    const workflowId = createOrderWorkflowId(request)
    try {
      const handle = await within(this.#client, START_DEADLINE_MS, () =>
        this.#client.start<CreateOrder>(WORKFLOW_TYPES.createOrder, {
          workflowId,
          taskQueue: this.#taskQueue,
          args: [request],
          workflowIdConflictPolicy: 'FAIL',
          // A closed run says nothing about its order: one that was terminated left it to be settled by the next.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          typedSearchAttributes: searchAttributesOf(orderSn, request),
          staticSummary: `Order ${orderSn} of user ${request.userId}`,
        }),
      )
      return { attached: false, handle }
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        return this.attach(workflowId)
      }
      refuseWhatWasNotStarted(error)
      return undefined
    }
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

  /** Where a run stands, or `undefined` where nobody could say within a second: no worker, no server, no such run. */
  async progress(workflowId: string): Promise<Progress | undefined> {
    try {
      return await within(this.#client, QUERY_DEADLINE_MS, () =>
        this.#client.getHandle(workflowId).query<Progress>(PROGRESS_QUERY),
      )
    } catch {
      return undefined
    }
  }

  /**
   * The open run of an order, through visibility: it may lag by a second or so. `userId` is there where the run names one user.
   * @throws ApplicationFailure ServiceUnavailable
   */
  async findOpen(orderSn: string): Promise<{ workflowId: string; userId?: number } | undefined> {
    try {
      return await within(this.#client, QUERY_DEADLINE_MS, async () => {
        const query = `OrderSn = '${orderSn}' AND ExecutionStatus = 'Running'`
        for await (const { workflowId, typedSearchAttributes } of this.#client.list({ query, pageSize: 1 })) {
          const users = typedSearchAttributes.get(USER_ID)
          return { workflowId, ...(users?.length === 1 && { userId: Number(users[0]) }) }
        }
        return undefined
      })
    } catch (error) {
      throw failureOf(unavailable('Temporal could not be asked for the order'), { cause: error as Error })
    }
  }
}

/** A call with the client's own deadline, and a timer: the client's retries sleep without looking at the deadline. */
export async function within<T>(client: Pick<WorkflowClient, 'withDeadline'>, ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ServiceError(`no answer within ${ms} ms`)), ms + 100)
  })
  try {
    return await Promise.race([client.withDeadline(Date.now() + ms, call), late])
  } finally {
    clearTimeout(timer)
  }
}

/** How a run ended, from what its result rejected with. */
export function outcomeOf(error: unknown): RunOutcome {
  if (!(error instanceof WorkflowFailedError)) {
    // The wait broke, not the run.
    const lost =
      error instanceof ServiceError || error instanceof WorkflowNotFoundError || error instanceof NamespaceNotFoundError
    return lost ? { kind: 'open' } : { kind: 'broken', error }
  }
  const { cause } = error
  // The run is gone, its order is not: the sweep settles it, one way or the other.
  if (cause instanceof TerminatedFailure || cause instanceof TimeoutFailure) return { kind: 'open' }
  const refused = refusalIn(error)
  if (refused) return { kind: 'refused', refused }
  if (cause instanceof CancelledFailure) {
    return { kind: 'refused', refused: refusal('OrderCancelled', 'the run of this order was cancelled') }
  }
  return { kind: 'broken', error }
}

/** @throws ApplicationFailure ServiceUnavailable or ServiceRejected where a failed start certainly started nothing */
export function refuseWhatWasNotStarted(error: unknown): void {
  const code =
    error instanceof NamespaceNotFoundError || error instanceof WorkflowNotFoundError
      ? grpcStatus.NOT_FOUND
      : error instanceof ServiceError && isGrpcServiceError(error.cause)
        ? error.cause.code
        : undefined
  const cause = error as Error
  if (code === grpcStatus.RESOURCE_EXHAUSTED) {
    throw failureOf(unavailable('Temporal is overloaded; nothing was started'), { cause })
  }
  if (code !== undefined && REJECTIONS.has(code)) {
    const details = { service: 'temporal', status: grpcStatus[code] }
    throw failureOf(refusal('ServiceRejected', 'Temporal refused to start the order', details), { cause })
  }
  if (!(error instanceof ServiceError)) throw error
}

function unavailable(message: string): Refusal {
  return refusal('ServiceUnavailable', message, { service: 'temporal' })
}

/** `open`, when the signal is aborted. */
export async function openAt(signal: AbortSignal): Promise<{ kind: 'open' }> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  return { kind: 'open' }
}
