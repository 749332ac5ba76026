import type { CallOptions, ClientUnaryCall, requestCallback, ServiceError } from '@grpc/grpc-js'
import type { CallGate } from './call-gate.ts'
import type { Channels } from './channels.ts'
import { noteIfNeverSent } from './never-sent.ts'

/** Outcome of one call; `code` is undefined if it succeeded. */
export interface CallRecord {
  service: string
  method: string
  seconds: number
  error: ServiceError | undefined
}

export interface ClientOptions {
  /** Target in the form that clients/target.ts reads. */
  target: string
  /** Pool from which the client takes its channel. @default channels of its own, with the default settings */
  channels?: Channels
  /** Deadline of one call, in milliseconds; must stay below the startToClose of the activities that make it. */
  deadlineMs: number
  /** Gate that every call to the service passes. @default none */
  gate?: CallGate
  onCall?: (call: CallRecord) => void
}

/**
 * One unary call as a promise. Its deadline travels with it (`grpc-timeout`), so that the service can stop as well.
 * @param atMostMs what the caller has left, in milliseconds: if that is less than the client's deadline it takes its place
 * @throws ServiceError with the call's gRPC status; CallNotSent if the gate held it back, which is no call to onCall
 */
export async function unary<Response>(
  { service, method, channelTarget, atMostMs, gate, deadlineMs, onCall }: UnaryCall,
  call: (options: Partial<CallOptions>, done: requestCallback<Response>) => ClientUnaryCall,
): Promise<Response> {
  const send = async () => {
    const start = process.hrtime.bigint()
    const deadline = Date.now() + Math.min(deadlineMs, atMostMs ?? deadlineMs)
    const { error, response } = await new Promise<{ error: ServiceError | undefined; response: Response | undefined }>(
      (resolve) => {
        const sending = call({ deadline }, (error, response) => {
          if (error) noteIfNeverSent(error, sending.getPeer(), channelTarget)
          resolve({ error: error ?? undefined, response })
        })
      },
    )
    // Behind the await: the callback of grpc-js knows nothing of the activity that called.
    onCall?.({ service, method, seconds: Number(process.hrtime.bigint() - start) / 1e9, error })
    if (error) throw error
    return response as Response
  }
  return await (gate ? gate.pass(send) : send())
}

interface UnaryCall extends Pick<ClientOptions, 'deadlineMs' | 'gate' | 'onCall'> {
  service: string
  method: string
  /** The name that the channel gives the peer of a call that it handed to no connection. */
  channelTarget: string
  atMostMs?: number | undefined
}
