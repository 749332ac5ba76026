import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'

/** A call that passes the proxy. */
export interface PassingCall {
  /** `/InventoryService/Sell` */
  path: string
  /** The request as protobuf bytes. */
  message: Buffer
}

/** Fault of one call; an empty one changes nothing. */
export interface CallFault {
  /**
   * The call is held, and delivered only after that, whether its caller still waits or not. `given up`: after the caller's
   * deadline, its cancellation, or its death. @default it is delivered at once
   */
  after?: 'given up' | Promise<unknown>
  /** Number of deliveries: 2 sends it twice at the same time, 0 never. @default 1 */
  deliver?: 0 | 1 | 2
  /**
   * Answer that the caller gets: the reply, nothing until it gives up, or a status instead of the reply. A status is given once
   * the call was delivered and answered, and at once if it is held or never delivered.
   * @default 'reply'
   */
  answer?: 'reply' | 'nothing' | { code: status; message: string }
  /** Called when the service has answered every delivery: what the call had to do is done. */
  onDelivered?: () => void
}

interface Reply {
  headers: IncomingHttpHeaders
  body: Buffer
  trailers: IncomingHttpHeaders
}

/**
 * Stands in front of a gRPC server, whichever that is: it passes bytes, knows no message, and carries unary calls and server
 * streams. What befalls a call is decided from outside, call by call.
 */
export class GrpcProxy {
  /** `host:port` to call in place of the server. */
  readonly address: string
  /** Asked for each call. @default nothing befalls any */
  befall: (call: PassingCall) => CallFault | undefined = () => undefined
  readonly #target: string
  readonly #server: Http2Server
  readonly #near = new Set<ServerHttp2Session>()
  #far: ClientHttp2Session | undefined

  private constructor(target: string, server: Http2Server) {
    this.#target = target
    this.#server = server
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('session', (session) => {
      this.#near.add(session)
      session.on('close', () => this.#near.delete(session))
      session.on('error', () => {}) // the caller's process died
    })
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {})
      void this.#pass(stream, headers).catch((error: Error) => sayStatus(stream, status.UNAVAILABLE, error.message))
    })
  }

  /** @param target `host:port`; nobody need listen there yet */
  static async before(target: string): Promise<GrpcProxy> {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new GrpcProxy(target, server)
  }

  /** Breaks every connection of callers at this moment; they connect anew. */
  breakConnections(): void {
    for (const session of this.#near) session.destroy()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.breakConnections()
    this.#far?.destroy()
    await closed
  }

  async #pass(near: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const body = await wholeOf(near)
    const path = String(headers[':path'])
    const fault = this.befall({ path, message: messageIn(body, headers) })
    if (fault) await this.#passFaulty(near, headers, body, fault)
    else this.#passAlong(near, this.#send(headers, body))
  }

  async #passFaulty(near: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer, fault: CallFault): Promise<void> {
    const { after, deliver = 1, answer = 'reply', onDelivered } = fault
    const given = typeof answer === 'object' ? answer : undefined
    if (given && (after || deliver === 0)) sayStatus(near, given.code, given.message)
    if (after) await (after === 'given up' ? endOf(near) : after)
    if (deliver === 0) return
    const replies = await Promise.allSettled(Array.from({ length: deliver }, () => collect(this.#send(headers, body))))
    onDelivered?.()
    if (given) return sayStatus(near, given.code, given.message)
    const [first] = replies
    if (answer === 'nothing') return
    if (first?.status === 'fulfilled') sayReply(near, first.value)
    else throw first?.reason
  }

  #passAlong(near: ServerHttp2Stream, far: ClientHttp2Stream): void {
    let trailers: IncomingHttpHeaders = {}
    far.on('response', (headers, flags) => {
      if (near.destroyed) return far.close(constants.NGHTTP2_CANCEL)
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
      near.respond(passedOn(headers), { endStream, waitForTrailers: !endStream })
      if (!endStream) far.pipe(near)
    })
    far.on('trailers', (received) => {
      trailers = received
    })
    near.on('wantTrailers', () => near.sendTrailers(passedOn(trailers)))
    near.on('close', () => far.close(constants.NGHTTP2_CANCEL))
    far.on('error', (error) => sayStatus(near, status.UNAVAILABLE, error.message))
    far.on('close', () => {
      if (!near.headersSent) sayStatus(near, status.UNAVAILABLE, 'the service broke the connection')
      else if (far.rstCode !== constants.NGHTTP2_NO_ERROR) near.close(far.rstCode)
    })
  }

  #send(headers: IncomingHttpHeaders, body: Buffer): ClientHttp2Stream {
    const { ':path': path, ':method': method } = headers
    const far = this.#session().request({
      ...passedOn(headers),
      ...(path !== undefined && { ':path': path }),
      ...(method !== undefined && { ':method': method }),
      ':authority': this.#target,
    })
    far.on('error', () => {})
    far.end(body)
    return far
  }

  #session(): ClientHttp2Session {
    if (!this.#far || this.#far.closed || this.#far.destroyed) {
      this.#far = connect(`http://${this.#target}`)
      this.#far.on('error', () => {}) // each of its calls hears of it
    }
    return this.#far
  }
}

/** Returns the headers without the fields that belong to one connection. */
function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith(':') || name === ':status')
  return Object.fromEntries(kept)
}

async function wholeOf(stream: ServerHttp2Stream | ClientHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** One message is a byte that says whether it is compressed, its length in four bytes, and itself. */
function messageIn(body: Buffer, headers: IncomingHttpHeaders): Buffer {
  const message = body.subarray(5)
  return body[0] === 1 && headers['grpc-encoding'] === 'gzip' ? gunzipSync(message) : message
}

async function endOf(stream: ServerHttp2Stream): Promise<void> {
  if (!stream.closed) await once(stream, 'close')
}

async function collect(far: ClientHttp2Stream): Promise<Reply> {
  let trailers: IncomingHttpHeaders = {}
  far.on('trailers', (received) => {
    trailers = received
  })
  const [headers] = (await once(far, 'response')) as [IncomingHttpHeaders]
  return { headers, body: await wholeOf(far), trailers }
}

function sayReply(near: ServerHttp2Stream, { headers, body, trailers }: Reply): void {
  if (near.closed) return
  const statusInHeaders = headers['grpc-status'] !== undefined
  near.respond(passedOn(headers), { endStream: statusInHeaders, waitForTrailers: !statusInHeaders })
  if (statusInHeaders) return
  near.on('wantTrailers', () => near.sendTrailers(passedOn(trailers)))
  near.end(body)
}

function sayStatus(near: ServerHttp2Stream, code: status, message: string): void {
  if (near.closed || near.headersSent) return
  const said = { 'grpc-status': String(code), 'grpc-message': encodeURIComponent(message) }
  near.respond({ ':status': 200, 'content-type': 'application/grpc', ...said }, { endStream: true })
}
