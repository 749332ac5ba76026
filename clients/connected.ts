import { type ChannelCredentials, credentials, type ClientOptions as StubOptions } from '@grpc/grpc-js'
import { callSpans } from './call-spans.ts'
import { Channels } from './channels.ts'
import type { ClientOptions } from './unary.ts'

/** A stub on the channel of the client's target; `close` gives that back. */
export function connected<Stub>(
  Stub: new (address: string, credentials: ChannelCredentials, options: StubOptions) => Stub,
  { target, channels = new Channels() }: Pick<ClientOptions, 'target' | 'channels'>,
): { stub: Stub; close: () => void } {
  const channelOverride = channels.take(target)
  // The channel has credentials of its own: those of the stub are not used.
  const stub = new Stub(target, credentials.createInsecure(), { channelOverride, interceptors: [callSpans] })
  return { stub, close: () => channels.release(target) }
}
