import { type ChannelCredentials, type ChannelOptions, credentials, type requestCallback, type ServiceError } from '@grpc/grpc-js'

/** What one call came to; `code` is undefined where it succeeded. */
export interface CallRecord {
  service: string
  method: string
  seconds: number
  error: ServiceError | undefined
}

export interface ClientOptions {
  /** `host:port`, or any target grpc-js resolves. */
  target: string
  /** Deadline of one call, in milliseconds; must stay below the startToClose of the activities that make it. */
  deadlineMs: number
  onCall?: (call: CallRecord) => void
}

const FOUR_MIB = 4 * 1024 * 1024

/** Seed, "gRPC连接配置": keepalive 10 s / 3 s / without streams, messages of at most 4 MB. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': FOUR_MIB,
  'grpc.max_send_message_length': FOUR_MIB,
  // grpc-js would retry some failures by itself; Temporal is the one that retries here.
  'grpc.enable_retries': 0,
  // After an outage the next attempt must find the way: an order may wait 2 s for a service that is back, not 120.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
}

export const CREDENTIALS: ChannelCredentials = credentials.createInsecure()

/**
 * One unary call as a promise.
 * @throws ServiceError with the call's gRPC status
 */
export async function unary<Response>(
  { service, method, onCall }: { service: string; method: string } & Pick<ClientOptions, 'onCall'>,
  call: (done: requestCallback<Response>) => unknown,
): Promise<Response> {
  const start = process.hrtime.bigint()
  return await new Promise((resolve, reject) => {
    call((error, response) => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9
      onCall?.({ service, method, seconds, error: error ?? undefined })
      if (error) reject(error)
      else resolve(response as Response)
    })
  })
}
