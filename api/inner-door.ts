import type { IncomingMessage, Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from '../identity/hosts.ts'
import { insideServer } from '../tls/inside-server.ts'
import type { TlsFiles } from '../tls/tls-files.ts'

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
   * @param at.tls @default connections are not encrypted
   * @returns its URL
   */
  async listen(
    app: FastifyInstance,
    { host, port, tls }: { host: string; port: number; tls?: TlsFiles | undefined },
  ): Promise<string> {
    this.#isLoopback = isLoopback(host)
    const server = insideServer((request, response) => {
      this.#requests.add(request)
      app.routing(request, response)
    }, tls)
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => resolve())
    })
    const address = server.address()
    const at = typeof address === 'object' && address ? address.port : port
    return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${at}`
  }

  stop(): void {
    this.#server?.close()
    setTimeout(() => this.#server?.closeAllConnections(), FLUSH_MS).unref()
  }
}
