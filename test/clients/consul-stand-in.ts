import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Address } from '../../clients/address.ts'

/** A request as the agent saw it. */
interface Query {
  path: string
  parameters: Record<string, string>
  token: string | undefined
}

/**
 * A stand-in of a Consul agent, after the documentation of its health API: no Consul can be had where these tests run.
 * Without an index, or with one of the past, it answers at once; otherwise when something changes or the wait is over.
 */
export class ConsulStandIn {
  readonly queries: Query[] = []
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #waiting = new Set<() => void>()
  #instances: Address[] = []
  #index = 10
  /** Status of every answer; the usual answers are given only while it is 200. */
  status = 200

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The instances that pass their checks. @param index @default one more than before */
  set(instances: Address[], index = this.#index + 1): void {
    this.#instances = instances
    this.#index = index
    for (const go of this.#waiting) go()
  }

  /** Answers all that wait, as when the wait is over. */
  tick(): void {
    for (const go of this.#waiting) go()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://agent')
    const parameters = Object.fromEntries(searchParams)
    this.queries.push({ path: pathname, parameters, token: request.headers['x-consul-token'] as string | undefined })
    const reply = () => {
      this.#waiting.delete(reply)
      const entries = this.#instances.map(({ host, port }, i) => ({
        Node: { Node: `node-${i}`, Address: host },
        // Every other instance registered no address of its own.
        Service: { ID: `s-${i}`, Service: 'user', Address: i % 2 ? '' : host, Port: port },
        Checks: [{ Status: 'passing' }],
      }))
      response.writeHead(this.status, { 'content-type': 'application/json', 'x-consul-index': String(this.#index) })
      response.end(this.status === 200 ? JSON.stringify(entries) : 'no cluster leader')
    }
    if (Number(parameters.index ?? 0) === this.#index && this.status === 200) this.#waiting.add(reply)
    else reply()
  }
}
