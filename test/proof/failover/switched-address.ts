import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** One address of whichever server is the primary: what HAProxy does in production, by asking Patroni. */
export class SwitchedAddress {
  readonly port: number
  readonly #server: Server
  readonly #open = new Set<Socket>()
  #target: number

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
  }

  /** @param target port on 127.0.0.1 to which it leads at first */
  static async to(target: number): Promise<SwitchedAddress> {
    const server = createServer({ noDelay: true }, (near) => address.#join(near))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = new SwitchedAddress(server, target)
    return address
  }

  /** The same URL by way of this address. */
  urlFor(url: string): string {
    return Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(this.port) }).href
  }

  /** Breaks all connections, and leads new ones there. */
  turnTo(target: number): void {
    this.#target = target
    for (const near of this.#open) near.resetAndDestroy()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.turnTo(this.#target)
    await closed
  }

  #join(near: Socket): void {
    const far = connect({ host: '127.0.0.1', port: this.#target, noDelay: true })
    this.#open.add(near)
    for (const socket of [near, far]) socket.on('error', () => {}) // its 'close' follows
    near.on('close', () => {
      this.#open.delete(near)
      far.destroy()
    })
    far.on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  }
}
