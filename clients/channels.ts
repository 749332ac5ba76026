import { type Channel, connectivityState } from '@grpc/grpc-js'
import { openChannel } from './channel.ts'
import { CONNECTION_DEFAULTS, type ConnectionSettings } from './connection-settings.ts'

/** One channel for each target, shared by all clients of services behind it. */
export class Channels {
  readonly #settings: ConnectionSettings
  readonly #onWarning: (message: string) => void
  readonly #open = new Map<string, { channel: Channel; clients: number }>()

  /** @param onWarning @default warnings are dropped */
  constructor(settings: ConnectionSettings = CONNECTION_DEFAULTS, onWarning: (message: string) => void = () => {}) {
    this.#settings = settings
    this.#onWarning = onWarning
  }

  /**
   * Returns the channel for one more client, which gives it back by `release`. The channel connects at once, and again whenever
   * it has to.
   * @throws Error if the target is none
   */
  take(target: string): Channel {
    const open = this.#open.get(target) ?? { channel: openChannel(target, this.#settings, this.#onWarning), clients: 0 }
    open.clients++
    this.#open.set(target, open)
    open.channel.getConnectivityState(true)
    return open.channel
  }

  /** Closed with its last client. */
  release(target: string): void {
    const open = this.#open.get(target)
    if (!open || --open.clients > 0) return
    this.#open.delete(target)
    open.channel.close()
  }

  /** Reports whether a backend is connected at present. The question wakes a channel that had nothing to do for long. */
  isConnected(target: string): boolean {
    return this.#open.get(target)?.channel.getConnectivityState(true) === connectivityState.READY
  }
}
