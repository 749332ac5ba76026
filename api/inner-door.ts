import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from '../identity/hosts.ts'

/** Time that an answer may take to leave when the starter stops, in milliseconds. */
const FLUSH_MS = 250

/** An address for operators (OPERATIONS_ADDR): metrics, the docs, and what is missing, apart from the public one. */
export class InnerDoor {
  readonly #requests = new WeakSet<IncomingMessage>()
  #server: Server | undefined
  #isLoopback = false

  /** True if only this machine reaches the address. */
  get isLoopback(): boolean {
    return this.#isLoopback
  }

  /** Reports whether the request came by this address. */
  has(request: IncomingMessage): boolean {
    return this.#requests.has(request)
  }

  /**
   * Serves the app's routes for operators.
   * @returns its URL
   */
  async listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<string> {
    this.#isLoopback = isLoopback(host)
    const server = createServer((request, response) => {
      this.#requests.add(request)
      app.routing(request, response)
    })
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => resolve())
    })
    const address = server.address()
    const at = typeof address === 'object' && address ? address.port : port
    return `http://${host.includes(':') ? `[${host}]` : host}:${at}`
  }

  stop(): void {
    this.#server?.close()
    setTimeout(() => this.#server?.closeAllConnections(), FLUSH_MS).unref()
  }
}
