import { constants, createServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { UserInfoResponse } from '../../proto/generated/user.ts'

/** grpc-go, keepalive.EnforcementPolicy: so many pings that came too early are forgiven. */
const FORGIVEN = 2

/**
 * A user service that treats pings as a Go server does by default: one that comes earlier than `minTimeMs` after the last is a
 * strike, data of its own wipes the strikes out, and a third strike ends the connection by GOAWAY "too_many_pings". Every call
 * is answered by user 1, which a health check reads as SERVING.
 */
export class GoLikeServer {
  readonly #minTimeMs: number
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #server = createServer()
  /** Times at which each GOAWAY was sent, in milliseconds of the process. */
  readonly goneAway: number[] = []

  /** @param minTimeMs @default 5 minutes, as in Go */
  constructor(minTimeMs = 300_000) {
    this.#minTimeMs = minTimeMs
    this.#server.on('session', (session) => this.#enforce(session))
  }

  /** @returns `host:port` */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #enforce(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    session.on('close', () => this.#sessions.delete(session))
    session.on('error', () => {})
    let strikes = 0
    let last = Number.NEGATIVE_INFINITY
    session.on('ping', () => {
      const now = performance.now()
      if (now - last < this.#minTimeMs && ++strikes > FORGIVEN) {
        this.goneAway.push(now)
        session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'))
        setImmediate(() => session.destroy())
      }
      last = now
    })
    session.on('stream', (stream) => {
      stream.on('error', () => {})
      stream.resume().on('end', () => {
        strikes = 0
        stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        const message = Buffer.from(UserInfoResponse.encode({ ...UserInfoResponse.decode(Buffer.of()), id: 1 }).finish())
        const frame = Buffer.alloc(5)
        frame.writeUInt32BE(message.length, 1)
        stream.end(Buffer.concat([frame, message]))
      })
    })
  }
}
