import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** One address of several servers: each new connection goes to the next of them that takes it, as a balancer in production has it. */
export class BalancedAddress {
  readonly port: number
  readonly #server: Server
  readonly #open = new Set<Socket>()
  #targets: readonly number[] = []
  #turn = 0

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async open(): Promise<BalancedAddress> {
    const server = createServer({ noDelay: true }, (near) => address.#join(near))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = new BalancedAddress(server)
    return address
  }

  /** Leads new connections to these ports on 127.0.0.1. Those that are open stay as they are. */
  leadTo(targets: readonly number[]): void {
    this.#targets = targets
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const near of this.#open) near.destroy()
    await closed
  }

  #join(near: Socket): void {
    this.#open.add(near)
    near.on('error', () => {}) // its 'close' follows
    near.on('close', () => this.#open.delete(near))
    const targets = [...this.#targets]
    const first = this.#turn++
    const tryNext = (tried: number) => {
      const port = tried < targets.length ? targets[(first + tried) % targets.length] : undefined
      if (port === undefined) return void near.destroy()
      const far = connect({ host: '127.0.0.1', port, noDelay: true })
      const isRefused = () => tryNext(tried + 1)
      far.once('error', isRefused)
      far.once('connect', () => {
        far.off('error', isRefused)
        far.on('error', () => {})
        far.on('close', () => near.destroy())
        near.on('close', () => far.destroy())
        near.pipe(far).pipe(near)
      })
    }
    tryNext(0)
  }
}
