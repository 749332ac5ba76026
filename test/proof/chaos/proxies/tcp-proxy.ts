import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../../dev/processes/ports.ts'

/** Fault of one request on a connection; an empty one changes nothing. */
export interface RequestFault {
  /**
   * The request is held, and delivered only after that, whether its sender still waits or not. `given up`: after the sender
   * closed the connection. @default it is delivered at once
   */
  after?: 'given up' | Promise<unknown>
  /** @default true */
  deliver?: boolean
  /**
   * Answer that the sender gets: the reply, nothing, a broken connection, or these bytes in place of the reply. The last two
   * come once the request was delivered and answered, and at once if it is held or never delivered.
   * @default 'reply'
   */
  answer?: 'reply' | 'nothing' | 'reset' | Buffer
  /** Called when the server has answered: what the request had to do is done. */
  onDelivered?: () => void
}

interface Connection {
  near: Socket
  far: Socket
  /** True if what the server sends is swallowed. */
  diverted: boolean
}

/**
 * Stands in front of a server that takes one request at a time on a connection, as PostgreSQL does. It passes bytes: what the
 * client writes at once is a request, the next bytes that come back are its reply. What befalls a request is decided from
 * outside, request by request; beside that a connection can be cut, silenced and slowed down.
 */
export class TcpProxy {
  readonly host = '127.0.0.1'
  readonly port: number
  /** Asked for each request. @default nothing befalls any */
  befall: (request: Buffer) => RequestFault | undefined = () => undefined
  /** Delay of everything that the client sends. Milliseconds. @default 0 */
  delayMs = 0
  readonly #server: Server
  readonly #open = new Set<Connection>()

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** @param target where the server listens, or will */
  static async before({ host, port }: { host: string; port: number }): Promise<TcpProxy> {
    // What passes is not held back to be sent together (Nagle): each exchange would take 40 ms.
    const noDelay = true
    const server = createServer({ noDelay }, (near) => proxy.#connect(near, connect({ port, host, noDelay })))
    await once(server.listen(await freePort(), '127.0.0.1'), 'listening')
    const proxy = new TcpProxy(server)
    return proxy
  }

  /** Starts a proxy in front of the server of a URL, such as a database's. */
  static async beforeUrl(url: string): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(url)
    return await TcpProxy.before({ host, port: Number(port) })
  }

  get address(): string {
    return `${this.host}:${this.port}`
  }

  /** The same URL by way of this proxy. */
  urlFor(url: string): string {
    const through = new URL(url)
    through.hostname = this.host
    through.port = String(this.port)
    return through.href
  }

  /** Breaks every connection at this moment; the next ones are served. */
  breakConnections(): void {
    for (const { near, far } of this.#open) {
      near.resetAndDestroy()
      far.destroy()
    }
  }

  /** Breaks every connection and refuses new ones, as a stopped server does. */
  async cut(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.breakConnections()
    await closed
  }

  async mend(): Promise<void> {
    if (!this.#server.listening) await once(this.#server.listen(this.port, this.host), 'listening')
  }

  /** Swallows whatever is sent over the present connections from now on, in both directions. */
  silence(): void {
    for (const { near, far } of this.#open) {
      for (const socket of [near, far]) {
        socket.removeAllListeners('data')
        socket.resume()
      }
    }
  }

  async close(): Promise<void> {
    await this.cut()
  }

  #connect(near: Socket, far: Socket): void {
    const connection: Connection = { near, far, diverted: false }
    this.#open.add(connection)
    let held = 0
    let before = Promise.resolve()
    near.on('data', (request) => {
      const fault = this.befall(request)
      held++
      // One after the other, as they were sent.
      before = before
        .then(() => this.#deliver(connection, request, fault))
        .finally(() => {
          held--
          if (near.destroyed && held === 0) far.destroy()
        })
    })
    far.on('data', (chunk) => {
      if (!connection.diverted) near.write(chunk)
    })
    for (const socket of [near, far]) socket.on('error', () => {}) // its 'close' follows
    near.on('close', () => {
      if (held === 0) far.destroy()
    })
    far.on('close', () => {
      this.#open.delete(connection)
      near.destroy()
    })
  }

  async #deliver(connection: Connection, request: Buffer, fault: RequestFault | undefined): Promise<void> {
    if (this.delayMs > 0) await sleep(this.delayMs)
    if (fault) await deliverFaulty(connection, request, fault)
    else connection.far.write(request)
  }
}

async function deliverFaulty(connection: Connection, request: Buffer, fault: RequestFault): Promise<void> {
  const { near, far } = connection
  const { after, deliver = true, answer = 'reply', onDelivered } = fault
  const say = () => {
    if (answer === 'reset') near.resetAndDestroy()
    else if (Buffer.isBuffer(answer)) near.write(answer)
  }
  if (after || !deliver) say()
  if (after) await (after === 'given up' ? endOf(near) : after)
  if (deliver) {
    const replied = new Promise<void>((resolve) => {
      const heard = () => resolve()
      far.once('data', heard)
      far.once('close', heard)
    })
    if (answer !== 'reply') connection.diverted = true
    far.write(request)
    await replied
    onDelivered?.()
    if (!after) say()
    if (Buffer.isBuffer(answer)) connection.diverted = false
  }
}

async function endOf(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close')
}
