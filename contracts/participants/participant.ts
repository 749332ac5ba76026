import type { OrderRequest } from '../create-order.ts'
import type { FailureType } from '../failures.ts'
import type { Line, OrderSn } from '../order.ts'

/**
 * A service that an order takes something from before it is confirmed, and gives it back to unless it is: all that is to be said of it,
 * in one place. Both lanes, the activities, the metrics, the sweep, what operators see and the fault matrix follow from it, by list.ts.
 *
 * The service keys both calls by the order's number, in the transaction of their effect: twice is once; what is given back can't
 * be taken any more; what was never taken is given back by a tombstone that refuses a call to take it which comes late.
 */
export interface Participant<Service = unknown, Asked extends object = object> {
  /** Names the service in metrics and failures, and stands in rows as what they owe: never renamed. */
  name: string
  /** What an order holds of it, in one word. */
  holds: string
  /**
   * What an order asks of it, which its row keeps from the opening on; `undefined` if nothing: then nothing is called.
   * @default every order asks, for its lines
   */
  asks?(request: OrderRequest): Asked | undefined
  /** Deadline of one call, in milliseconds. An attempt gets two seconds more, so that the service's own answer is what is heard. */
  deadlineMs: number
  do: Effect<Service, Asked> & {
    /** What a batch's order is handed over for that has no answer to it in time: label of a metric. */
    unanswered: string
    /** What is there when it is done, for `orders show`. @param lines those of the order, as text */
    drawn(lines: string): string
  }
  /** Is called for closed orders alone. By their numbers: whether `do` was called, and what it came to, nobody needs to know. */
  undo: Effect<Service, Asked>
}

/** One of the two things that are done with a participant. */
interface Effect<Service, Asked extends object> {
  /** The activity, as it stands in histories: never renamed. */
  step: string
  /** The same for a batch of orders. */
  stepOfBatch: string
  /** What the web UI shows beside the one and the other. */
  summary: string
  summaryOfBatch: string
  /** The method of the service. */
  method: string
  /** Calls it, within `atMostMs`. */
  call(service: Service, order: Ordered<Asked>, atMostMs: number): Promise<unknown>
  /** What its answers mean that are a refusal: the first that matches. The others are retried, or are ServiceRejected (clients/answers.ts). */
  answers: readonly AnswerRule[]
}

/** What the row of an order says to the participant. */
export interface Ordered<Asked extends object = object> {
  orderSn: OrderSn
  userId: number
  lines: Line[]
  /** What `asks` said of its request. */
  asked: Asked
}

/** What one answer of a service means. All that is given has to match. */
export interface AnswerRule {
  status: GrpcStatus
  /** ErrorInfo.reason, as our reference services send it. */
  reason?: string
  /** Of the status, for services that send nothing else. */
  message?: RegExp
  means: FailureType
}

/** The names of google.rpc.Code; grpc-js can't be had in workflows, which load this. */
type GrpcStatus =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED'
