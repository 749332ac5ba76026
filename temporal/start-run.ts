import { status as grpcStatus } from '@grpc/grpc-js'
import {
  NamespaceNotFoundError,
  ServiceError,
  type WorkflowClient,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import { START_DEADLINE_MS } from '../contracts/time-budget.ts'
import { SentStarts } from './sent-starts.ts'
import { within } from './within.ts'

/** Answers to a start by which Temporal refuses to run it, however often it is asked. */
const REJECTIONS = new Set([
  grpcStatus.INVALID_ARGUMENT,
  grpcStatus.NOT_FOUND,
  grpcStatus.PERMISSION_DENIED,
  grpcStatus.UNAUTHENTICATED,
  grpcStatus.FAILED_PRECONDITION,
  grpcStatus.UNIMPLEMENTED,
])

/** Outcome of a start. `there`: a run of this id was there already; `unknown`: it may have happened, or may still. */
export type Started<Run> = { kind: 'started'; run: Run } | { kind: 'there' } | { kind: 'unknown' }

/**
 * Starts a run. That nothing was started is concluded only from the answer to the only request that was sent.
 * @throws ApplicationFailure ServiceUnavailable or ServiceRejected if certainly nothing was started; whatever `start` throws that
 * is no answer of Temporal
 */
export async function startRun<Run>(
  client: Pick<WorkflowClient, 'withDeadline'>,
  start: () => Promise<Run>,
): Promise<Started<Run>> {
  const sent = new SentStarts()
  try {
    return { kind: 'started', run: await within(client, START_DEADLINE_MS, () => sent.during(start)) }
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { kind: 'there' }
    const code = codeOf(error)
    const cause = error as Error
    if (sent.isOne && code === grpcStatus.RESOURCE_EXHAUSTED) {
      const overloaded = failure('ServiceUnavailable', 'Temporal is overloaded; nothing was started', { service: 'temporal' })
      throw failureOf(overloaded, { cause })
    }
    if (sent.isOne && code !== undefined && REJECTIONS.has(code)) {
      const details = { service: 'temporal', status: grpcStatus[code] }
      throw failureOf(failure('ServiceRejected', 'Temporal refused to start the order', details), { cause })
    }
    if (code === undefined && !(error instanceof ServiceError)) throw error
    return { kind: 'unknown' }
  }
}

function codeOf(error: unknown): grpcStatus | undefined {
  if (error instanceof NamespaceNotFoundError || error instanceof WorkflowNotFoundError) return grpcStatus.NOT_FOUND
  if (!(error instanceof ServiceError)) return undefined
  // An error of the SDK's core is no gRPC error to the SDK's client, but has its code all the same.
  const { code } = (error.cause ?? {}) as { code?: unknown }
  return typeof code === 'number' ? code : undefined
}
