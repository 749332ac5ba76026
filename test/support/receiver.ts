import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { OrderEvent } from '../../contracts/event.ts'

export const SECRET = `whsec_${Buffer.from('thirty-two bytes of a test secret').toString('base64')}`

/** Answer of a receiver: a status, or whatever a function does with the response. */
type Answer = number | ((response: ServerResponse) => unknown)

/** A receiver of webhooks, which verifies each by the library of Standard Webhooks. */
export class Receiver {
  readonly url: string
  /** Events that it answered 2xx, each as often as it came. */
  readonly taken: OrderEvent[] = []
  /** Number of requests, whatever was answered. */
  requests = 0
  answer: (event: OrderEvent) => Answer = () => 204
  readonly #close: () => Promise<void>

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url
    this.#close = close
  }

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => receiver.#take(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const receiver = new Receiver(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return receiver
  }

  async close(): Promise<void> {
    await this.#close()
  }

  /** Returns the numbers of the events of an order in the order in which each came first. */
  firstOf(orderSn: string): number[] {
    return [...new Set(this.taken.filter(({ subject }) => subject === orderSn).map(({ sequence }) => Number(sequence)))]
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++
    let body = ''
    for await (const chunk of request) body += chunk
    const headers = request.headers as Record<string, string>
    const event = new Webhook(SECRET).verify(body, headers) as OrderEvent
    if (headers['webhook-id'] !== event.id) throw new Error(`webhook-id is ${headers['webhook-id']}`)
    const answer = this.answer(event)
    if (typeof answer !== 'number') return void answer(response)
    if (answer < 300) this.taken.push(event)
    response.writeHead(answer, { location: '/elsewhere' }).end('{}')
  }
}
