import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'

/** Way in which a call ends. */
export type Ending = (stream: ServerHttp2Stream) => void

const GRPC = { ':status': 200, 'content-type': 'application/grpc+proto' }
const END = { 'grpc-status': '0' }

/** Every RST and GOAWAY code of HTTP/2 (RFC 9113, section 7). */
const CODES = Object.entries(constants)
  .filter(
    ([name, code]) =>
      /^NGHTTP2_(NO|PROTOCOL|INTERNAL|FLOW_CONTROL|FRAME_SIZE|COMPRESSION|CONNECT)_ERROR$|^NGHTTP2_(SETTINGS_TIMEOUT|STREAM_CLOSED|REFUSED_STREAM|CANCEL|ENHANCE_YOUR_CALM|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED)$/.test(
        name,
      ) && typeof code === 'number',
  )
  .map(([name, code]) => [name.replace('NGHTTP2_', ''), Number(code)] as const)

/** Every way in which a server, a proxy or the network ends a call other than by a status that the service itself chose. */
export const ENDINGS: Record<string, Ending> = {
  ...Object.fromEntries(CODES.map(([name, code]) => [`RST_STREAM ${name}`, (stream: ServerHttp2Stream) => stream.close(code)])),
  ...Object.fromEntries(
    CODES.flatMap(([name, code]) => [
      [`GOAWAY ${name} that disowns the stream`, goaway(code, () => 0)],
      [`GOAWAY ${name} that owns the stream`, goaway(code, (stream) => stream.id ?? 0)],
    ]),
  ),
  ...Object.fromEntries(
    [204, 301, 400, 401, 403, 404, 405, 408, 413, 421, 429, 431, 500, 501, 502, 503, 504, 505].map((code) => [
      `HTTP ${code}`,
      (stream: ServerHttp2Stream) => {
        stream.respond({ ':status': code, 'content-type': 'text/html' })
        stream.end(code === 204 ? undefined : '<html>a proxy</html>')
      },
    ]),
  ),
  'the session ends': endSession,
  'headers, and no end': (stream) => {
    stream.respond(GRPC)
    endSession(stream)
  },
  'no status': (stream) => {
    stream.respond(GRPC)
    stream.end()
  },
  'a status that is no number': trailers({ 'grpc-status': 'many' }),
  'a status that there is not': trailers({ 'grpc-status': '99' }),
  'no message': answer(END),
  'half a message': answer(END, Buffer.of(0, 0, 0, 0, 9, 1)),
  'two messages': answer(END, frame(Buffer.of()), frame(Buffer.of())),
  'a message that is none': answer(END, frame(Buffer.of(0xff, 0xff, 0xff))),
  'a message that is too large': answer(END, Buffer.of(0, 0xff, 0xff, 0xff, 0xff)),
  'a message that says it is compressed': answer(END, frame(Buffer.of(1, 2, 3), 1)),
  'an encoding that nobody knows': (stream) => {
    stream.respond({ ...GRPC, 'grpc-encoding': 'x-nothing' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(END))
    stream.end(frame(Buffer.of(1), 1))
  },
  'a compressed message that is none': (stream) => {
    stream.respond({ ...GRPC, 'grpc-encoding': 'gzip' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(END))
    stream.end(frame(Buffer.from('no gzip at all'), 1))
  },
}

/**
 * A server of whatever method, which ends each call as it was last told to: behind the request, or as soon as it comes.
 */
export class EndingServer {
  readonly #server = createServer()
  readonly #sessions = new Set<ServerHttp2Session>()
  #ending: Ending = () => {}
  #isApplied = false
  /** Calls that arrived. */
  heard = 0
  /** Calls that took effect before they were ended. */
  applied = 0

  constructor() {
    this.#server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
      session.on('error', () => {})
    })
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => {})
      // The channel's health checks are none of our calls.
      if (headers[':path']?.includes('Health')) return answer(END, frame(Buffer.of(8, 1)))(stream)
      this.heard++
      if (!this.#isApplied) return this.#ending(stream)
      stream.resume().on('end', () => {
        this.applied++
        this.#ending(stream)
      })
    })
  }

  /** @returns `host:port` */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** @param isApplied whether each call takes its effect before it is ended */
  endBy(ending: Ending, isApplied: boolean): void {
    this.#ending = ending
    this.#isApplied = isApplied
    this.applied = 0
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Ends a call by the status of these trailers, without a message. */
export function trailers(headers: Record<string, string>): Ending {
  return (stream) => {
    stream.respond({ ...GRPC, ...headers }, { endStream: true })
  }
}

function answer(headers: Record<string, string>, ...messages: Buffer[]): Ending {
  return (stream) => {
    stream.respond(GRPC, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(headers))
    stream.end(Buffer.concat(messages))
  }
}

function goaway(code: number, last: (stream: ServerHttp2Stream) => number): Ending {
  return (stream) => {
    stream.session?.goaway(code, last(stream), Buffer.from('too_many_pings'))
    endSession(stream)
  }
}

/** Ends the session behind the event that is being handled: Node 20's heap is corrupted now and then if it ends within. */
function endSession({ session }: ServerHttp2Stream): void {
  setImmediate(() => session?.destroy())
}

function frame(message: Buffer, compressed = 0): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(compressed, 0)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
