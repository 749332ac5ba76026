import type { Choice } from './order-body.ts'

/** Way by which orders reach a row. */
export type Door = 'http' | 'grpc'

/** Order to the load generator, by IPC. */
export interface LoadTask {
  door: Door
  /** Base URLs of that door; callers are shared out among them. */
  urls: string[]
  /** Tokens of the callers, one for each, and again from the first; absent if nobody is asked who they are. */
  tokens?: string[]
  /** Requests under way at any time: each caller sends its next one when it has its answer (closed loop). */
  callers: number
  /**
   * Orders a second, sent whatever the answers take (open loop); `callers` is then how many may be under way at most. Set, every answer
   * counts for the order that was sent within the window.
   */
  perSecond?: number
  warmupMs: number
  measureMs: number
  /** Distinct goods an order. */
  lines: number
  choice: Choice
  /** Set if the orders are those of carts, which stand in the store: the first of the users who have one. */
  carts?: { firstUser: number }
  /** Set if each caller sends one order, with one key, again and again. */
  repeated?: boolean
  /** True if every order asks for the sold-out goods, to be refused. */
  soldOut: boolean
  /** HTTP status that counts as done; over gRPC it is OK. */
  expected: number
}

/**
 * Reports of the load generator: the begin and the end of the window (CPU times are read then), and at last what happened in it.
 */
export type LoadMessage =
  | { kind: 'ready' }
  | { kind: 'begins' }
  | { kind: 'over' }
  | { kind: 'failed'; message: string }
  | Measured

/** Milliseconds from request to answer. */
export interface Latency {
  p50: number
  p95: number
  p99: number
  max: number
}

/** Answers of one status. */
export interface Answered {
  count: number
  latencyMs: Latency
}

export interface Measured {
  kind: 'measured'
  /** Requests answered as expected within the window. */
  done: number
  seconds: number
  /** Absent if nothing was done. */
  latencyMs?: Latency
  /** Times from when an order was due until it was sent (open loop): what this process itself made late. */
  lateMs?: Latency
  /** Requests of the window that were answered otherwise: how often, and one such answer. */
  failed: number
  sample?: string
  /** Answers otherwise than expected, by status; 0 stands for a connection that broke. */
  otherwise: Record<number, Answered>
}
