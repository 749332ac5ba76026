import {
  type CallOptions,
  type ChannelCredentials,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type requestCallback,
  type ClientOptions as StubOptions,
} from '@grpc/grpc-js'
import { callSpans } from './call-spans.ts'
import { Channels } from './channels.ts'
import { type ClientOptions, unary } from './unary.ts'

/** Arguments that a stub's method takes after its request. */
type Sending<Response> = [metadata: Metadata, options: Partial<CallOptions>, done: requestCallback<Response>]

/** The client of one service, on the channel of its target. */
export class ServiceClient<Stub> {
  readonly #service: string
  readonly #options: ClientOptions
  readonly #channels: Channels
  readonly #stub: Stub
  readonly #channelTarget: string

  /** @throws Error if the target is none */
  constructor(
    service: string,
    Stub: new (address: string, credentials: ChannelCredentials, options: StubOptions) => Stub,
    options: ClientOptions,
  ) {
    const { target, channels = new Channels() } = options
    this.#service = service
    this.#options = options
    this.#channels = channels
    const channelOverride = channels.take(target, service)
    this.#channelTarget = channelOverride.getTarget()
    // The channel has credentials of its own: those of the stub are not used.
    this.#stub = new Stub(target, credentials.createInsecure(), { channelOverride, interceptors: [callSpans] })
  }

  /** Gives the channel back. */
  close(): void {
    this.#channels.release(this.#options.target, this.#service)
  }

  /**
   * One call, as `unary` makes it.
   * @param atMostMs bounds the client's deadline
   * @throws ServiceError, CallNotSent
   */
  protected async call<Response>(
    method: string,
    atMostMs: number | undefined,
    send: (stub: Stub, ...sending: Sending<Response>) => ClientUnaryCall,
  ): Promise<Response> {
    return await unary<Response>(
      { service: this.#service, method, channelTarget: this.#channelTarget, ...this.#options, atMostMs },
      (options, done) => send(this.#stub, new Metadata(), options, done),
    )
  }
}
