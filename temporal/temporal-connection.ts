import { status } from '@grpc/grpc-js'
import { Connection, type ConnectionOptions, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client'
import { SentStarts } from './sent-starts.ts'

/** gRPC's own default lets a server that came back wait for up to two minutes. */
const MAX_RECONNECT_BACKOFF_MS = 1_000

/**
 * A connection for a process that answers callers meanwhile: made when first used, again soon after the server came back, and
 * "overloaded" is reported at once instead of being retried in the caller's time.
 */
export function connectTemporal(options: ConnectionOptions): Connection {
  const { retryableDecider, delayFunction } = defaultGrpcRetryOptions()
  return Connection.lazy({
    ...options,
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_BACKOFF_MS,
    },
    interceptors: [
      SentStarts.counting(
        makeGrpcRetryInterceptor({
          delayFunction,
          retryableDecider: (attempt, answer) =>
            (attempt > 1 || answer.code !== status.RESOURCE_EXHAUSTED) && retryableDecider(attempt, answer),
        }),
      ),
    ],
  })
}
