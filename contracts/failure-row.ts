/** One row of the failure table. */
export interface FailureRow {
  /** Business code: 10001 to 10003 are the original's (docs/origin.md), the others ours. */
  code: number
  /** Name of the gRPC status that stands for it (google.rpc.Code). */
  grpc: string
  /** HTTP status of the problem document. */
  http: number
  /** True if Temporal retries the activity that raised the failure; otherwise the order is refused. */
  retried: boolean
  /** Parts that raise it. */
  raisedBy: string
  /**
   * True if the obstacle goes away by itself: the HTTP answer has a Retry-After then. The advice names the key under which to
   * come again.
   */
  retryAfter?: true
  /** Title of the problem document: what happened. */
  title: string
  /** Advice to the caller. */
  advice: string
}
