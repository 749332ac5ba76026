import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Address } from '../../clients/address.ts'
import { freePort } from '../../dev/processes/ports.ts'

/** A request as the agent saw it. */
interface Query {
  method: string
  path: string
  parameters: Record<string, string>
  token: string | undefined
}

/** A service instance as it was registered; only what these tests look at. */
export interface RegisteredService {
  ID: string
  Name: string
  Address: string
  Port: number
  Check: { GRPC: string }
}

/**
 * A stand-in of a Consul agent, after the documentation of its health API and its agent API: no Consul can be had where these tests run.
 * Asked for the instances of a service without an index, or with one of the past, it answers at once; otherwise when something changes or
 * the wait is over.
 */
export class ConsulStandIn {
  readonly queries: Query[] = []
  /** Instances that were registered with this agent, by their ids. An agent that loses its state forgets them. */
  readonly registered = new Map<string, RegisteredService>()
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #waiting = new Set<() => void>()
  #instances: Address[] = []
  #index = 10
  /** Runs before a request about an instance of this agent is answered. */
  beforeAnswer: (path: string) => Promise<void> = async () => {}
  /** Status of every answer; the usual answers are given only while it is 200. */
  status = 200

  /** @param port @default a free one, which a later agent can have as well */
  async start(port?: number): Promise<void> {
    const at = port ?? (await freePort())
    await new Promise<void>((resolve) => this.#server.listen(at, '127.0.0.1', resolve))
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
    const { method = '', headers } = request
    this.queries.push({ method, path: pathname, parameters, token: headers['x-consul-token'] as string | undefined })
    const [, id] = /^\/v1\/agent\/service\/(.+)$/.exec(pathname) ?? []
    if (id !== undefined) return void this.#answerAgent(request, response, decodeURIComponent(id))
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

  async #answerAgent(request: IncomingMessage, response: ServerResponse, rest: string): Promise<void> {
    const body = await text(request)
    await this.beforeAnswer(rest)
    const end = (status: number, answer = '') => response.writeHead(status, { 'content-type': 'application/json' }).end(answer)
    if (this.status !== 200) return void end(this.status, 'no cluster leader')
    if (request.method === 'PUT' && rest === 'register') {
      const service = JSON.parse(body) as RegisteredService
      this.registered.set(service.ID, service)
      return void end(200)
    }
    if (request.method === 'PUT' && rest.startsWith('deregister/')) {
      return void end(this.registered.delete(rest.slice('deregister/'.length)) ? 200 : 404)
    }
    const found = request.method === 'GET' ? this.registered.get(rest) : undefined
    end(found ? 200 : 404, found ? JSON.stringify({ ...found, Service: found.Name }) : 'unknown service')
  }
}
