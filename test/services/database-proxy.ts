import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../../dev/processes/ports.ts'

/** A way to PostgreSQL that a test can break: cut off (refused), or silent (connected, and never answered again). */
export class DatabaseProxy {
  readonly url: string
  readonly #server: Server
  readonly #sockets: Set<Socket>
  readonly #port: number

  private constructor(url: string, server: Server, sockets: Set<Socket>, port: number) {
    this.url = url
    this.#server = server
    this.#sockets = sockets
    this.#port = port
  }

  static async before(databaseUrl: string): Promise<DatabaseProxy> {
    const target = new URL(databaseUrl)
    const sockets = new Set<Socket>()
    const server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          sockets.delete(from)
          to.destroy()
        })
        from.pipe(to)
      }
    })
    await once(server.listen(await freePort(), '127.0.0.1'), 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    const url = new URL(databaseUrl)
    url.hostname = '127.0.0.1'
    url.port = String(address.port)
    return new DatabaseProxy(url.href, server, sockets, address.port)
  }

  /** Ends every connection and refuses new ones, as a stopped server does. */
  async cut(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async mend(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening')
  }

  /** Swallows whatever is sent over the present connections, in both directions. */
  silence(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.resume()
    }
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.cut()
  }
}
