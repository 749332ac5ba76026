import { type Channel, connectivityState } from '@grpc/grpc-js'
import { openChannel } from './channel.ts'
import { CONNECTION_DEFAULTS, type ConnectionSettings } from './connection-settings.ts'

/** One channel for each target, shared by all clients of services behind it; a service that has TLS settings of its own has a channel of its own. */
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
  take(target: string, service: string): Channel {
    const key = this.#keyOf(target, service)
    const open = this.#open.get(key) ?? { channel: this.#channelTo(target, service), clients: 0 }
    open.clients++
    this.#open.set(key, open)
    open.channel.getConnectivityState(true)
    return open.channel
  }

  /** Closed with its last client. */
  release(target: string, service: string): void {
    const key = this.#keyOf(target, service)
    const open = this.#open.get(key)
    if (!open || --open.clients > 0) return
    this.#open.delete(key)
    open.channel.close()
  }

  /** Reports whether a backend is connected at present. The question wakes a channel that had nothing to do for long. */
  isConnected(target: string, service: string): boolean {
    return this.#open.get(this.#keyOf(target, service))?.channel.getConnectivityState(true) === connectivityState.READY
  }

  #keyOf(target: string, service: string): string {
    return this.#settings.services?.[service] ? `${service} ${target}` : target
  }

  #channelTo(target: string, service: string): Channel {
    const { tls, services, ...others } = this.#settings
    const own = services?.[service] ?? { tls }
    return openChannel(target, { ...others, ...(own.tls && { tls: own.tls }) }, this.#onWarning)
  }
}
