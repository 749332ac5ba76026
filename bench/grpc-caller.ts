import { type ClientHttp2Session, connect } from 'node:http2'
import { OrderRequest } from '../proto/generated/order.ts'

/** Status of a call, by gRPC's numbers: 0 is OK. */
export interface Outcome {
  code: number
  details: string
}

/**
 * A connection on which orders are created over gRPC, many at the same time, as a gateway does. Node's own HTTP/2 instead of grpc-js, whose
 * client would take as much of this machine as the server that is measured.
 */
export class GrpcCaller {
  readonly #session: ClientHttp2Session
  #broken: Error | undefined

  /** @param url http://host:port of the server */
  constructor(url: URL) {
    this.#session = connect(url)
    this.#session.on('error', (error) => {
      this.#broken ??= error
    })
    this.#session.on('close', () => {
      this.#broken ??= new Error('the server closed the connection')
    })
  }

  get isBroken(): boolean {
    return this.#broken !== undefined || this.#session.closed || this.#session.destroyed
  }

  /** @throws Error if the connection breaks, or the answer has no status */
  createOrder(request: OrderRequest): Promise<Outcome> {
    if (this.#broken) return Promise.reject(this.#broken)
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({
        ':method': 'POST',
        ':path': '/OrderService/OrderCreate',
        'content-type': 'application/grpc',
        te: 'trailers',
      })
      let outcome: Outcome | undefined
      const read = (headers: Record<string, unknown>) => {
        const { 'grpc-status': code, 'grpc-message': details = '' } = headers
        if (code !== undefined) outcome = { code: Number(code), details: decodeURIComponent(String(details)) }
      }
      stream.on('response', read) // an answer without a message has its status there
      stream.on('trailers', read)
      stream.on('error', reject)
      stream.on('close', () => (outcome ? resolve(outcome) : reject(this.#broken ?? new Error('an answer without a status'))))
      stream.resume()
      stream.end(framed(OrderRequest.encode(request).finish()))
    })
  }

  close(): void {
    this.#session.destroy()
  }
}

/** A message as gRPC sends it: not compressed, its length before it. */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length)
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, 5)
  return frame
}
