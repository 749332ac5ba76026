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
  /** One word for what an order holds of the participant. */
  holds: string
  /**
   * Returns what an order asks of the participant, which its row keeps from the opening on; `undefined` if nothing: then nothing
   * is called.
   * @default every order asks, for its lines
   */
  asks?(request: OrderRequest): Asked | undefined
  /** Deadline of one call, in milliseconds. An attempt gets two seconds more, so that the service's own answer is what is heard. */
  deadlineMs: number
  do: Effect<Service, Asked> & {
    /** Reason for which a batch hands over an order that has no answer to it in time: label of a metric. */
    unanswered: string
    /** Describes for `orders show` what is there when it is done. @param lines those of the order, as text */
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
  /** Texts that the web UI shows beside the two activities. */
  summary: string
  summaryOfBatch: string
  /** The method of the service. */
  method: string
  /** Calls it, within `atMostMs`. */
  call(service: Service, order: Ordered<Asked>, atMostMs: number): Promise<unknown>
  /**
   * The answers that are a refusal, and their meaning; the first that matches counts. Any other is retried, or is ServiceRejected
   * (clients/answers.ts).
   */
  answers: readonly AnswerRule[]
}

/** The part of an order's row that the participant needs. */
export interface Ordered<Asked extends object = object> {
  orderSn: OrderSn
  userId: number
  lines: Line[]
  /** Result of `asks` for the order's request. */
  asked: Asked
}

/** Meaning of one answer of a service. All members that are given have to match. */
export interface AnswerRule {
  status: GrpcStatus
  /** ErrorInfo.reason, as our reference services send it. */
  reason?: string
  /** Pattern of the status message, for services that send nothing else. */
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
