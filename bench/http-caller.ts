import { connect, type Socket } from 'node:net'

export interface Answer {
  status: number
  body: string
}

/**
 * One keep-alive connection that sends one request at a time. Our own few lines instead of node:http, whose client would take
 * as much of this machine as the servers that are measured; it knows no more of HTTP than those servers answer.
 */
export class HttpCaller {
  readonly #socket: Socket
  readonly #host: string
  /** Header lines of every request, each with its end. */
  readonly #always: string
  #received = Buffer.alloc(0)
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  #broken: Error | undefined

  /** @param token by which the caller says who they are, if they do */
  constructor({ hostname, port, host }: URL, token?: string) {
    this.#host = host
    this.#always = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
      this.#answer()
    })
    this.#socket.on('error', (error) => this.#break(error))
    this.#socket.on('close', () => this.#break(new Error('the server closed the connection')))
  }

  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /**
   * @param key the idempotency key, if the request is to have one
   * @throws Error if the connection breaks, or the answer has no length
   */
  postJson(path: string, key: string | undefined, body: string): Promise<Answer> {
    if (this.#broken) return Promise.reject(this.#broken)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      const length = Buffer.byteLength(body)
      const head = `POST ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\n${this.#always}`
      const keyed = key === undefined ? head : `${head}Idempotency-Key: ${key}\r\n`
      this.#socket.write(`${keyed}Content-Length: ${length}\r\n\r\n${body}`)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #answer(): void {
    const headEnd = this.#received.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const head = this.#received.toString('latin1', 0, headEnd)
    const [, length] = /^content-length: (\d+)/im.exec(head) ?? []
    if (length === undefined) {
      this.#break(new Error(`an answer without Content-Length: ${head.split('\r\n')[0]}`))
      return
    }
    const end = headEnd + 4 + Number(length)
    if (this.#received.length < end) return
    const answer = { status: Number(head.slice(9, 12)), body: this.#received.toString('utf8', headEnd + 4, end) }
    this.#received = this.#received.subarray(end)
    this.#waiting?.resolve(answer)
    this.#waiting = undefined
  }

  #break(error: Error): void {
    this.#broken ??= error
    this.#socket.destroy()
    this.#waiting?.reject(this.#broken)
    this.#waiting = undefined
  }
}
