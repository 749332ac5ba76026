import { type ChannelOptions, experimental, status } from '@grpc/grpc-js'
import type { Watch } from './watch.ts'

const SCHEME = 'watched'
/** Options with this beginning are the channel's alone, so that channels with different ones still share connections. */
const WATCH = `${experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.order-saga.watch`

/** A name resolver of grpc-js that follows a Watch. */
class WatchedResolver implements experimental.Resolver {
  readonly #watch: Watch
  readonly #listener: experimental.ResolverListener
  #stop: (() => void) | undefined

  constructor(_target: experimental.GrpcUri, listener: experimental.ResolverListener, options: ChannelOptions) {
    this.#watch = options[WATCH]
    this.#listener = listener
  }

  static getDefaultAuthority({ path }: experimental.GrpcUri): string {
    return path
  }

  /** A watch under way needs no request to look again. */
  updateResolution(): void {
    this.#stop ??= this.#watch({
      found: (addresses) => {
        this.#listener(experimental.statusOrFromValue(addresses.map((address) => ({ addresses: [address] }))), {}, null, '')
      },
      failed: (reason) => {
        this.#listener(experimental.statusOrFromError({ code: status.UNAVAILABLE, details: reason }), {}, null, '')
      },
    })
  }

  destroy(): void {
    this.#stop?.()
    this.#stop = undefined
  }
}

experimental.registerResolver(SCHEME, WatchedResolver)

/**
 * A target that grpc-js resolves by the watch, and the channel option that goes with it.
 * @param authority what calls and certificates are checked against
 */
export function watchedTarget(authority: string, watch: Watch): { target: string; options: ChannelOptions } {
  return { target: `${SCHEME}:${authority}`, options: { [WATCH]: watch } }
}
