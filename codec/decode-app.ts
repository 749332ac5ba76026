import type { PayloadCodec } from '@temporalio/common'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { followFiles, serverOptions } from '../tls/server-options.ts'
import type { TlsFiles } from '../tls/tls-files.ts'
import { payloadJson, payloadsOf } from './payload-json.ts'

/** Size of a request: a page of a history, whose payloads may have 2 MiB each. Bytes. */
const BODY_LIMIT = 8 * 1024 * 1024
/** A page of the web UI comes in one packet or few. Milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000
const HEADERS_TIMEOUT_MS = 5_000
const CHECK_EVERY_MS = 1_000
const MAX_CONNECTIONS = 100
/** Time for which a browser need not ask again whether it may ask, in seconds. */
const PREFLIGHT_SECONDS = 600

/** Owner of a token that nobody can be asked about. */
const UNKNOWN = Symbol('unknown')

/** Record of one request; nothing of what was decoded. */
export interface Decoded {
  who: string
  namespace: string
  payloads: number
  /** Number of payloads that were not decrypted: their key is missing, or they were altered. */
  locked: number
}

interface Options {
  codec: PayloadCodec
  /** Namespace whose payloads are decoded; a request that names another one is refused. */
  namespace: string
  /** Origin of the web UI. Absent: no browser may ask. */
  origin?: string | undefined
  /** Names whoever has this token; `undefined` for one that may not decode. What it throws is answered 503. */
  whoHas: (token: string) => Promise<string | undefined> | string | undefined
  onDecoded: (decoded: Decoded) => void
  /** Reports why a request was refused. */
  onRefused: (reason: string) => void
  /** @default connections are not encrypted */
  tls?: TlsFiles | undefined
}

/**
 * Makes the codec server: `POST /decode` for the web UI and the Temporal CLI, and nothing else. It does not encrypt: whoever could let it would make orders that look
 * like ours.
 *
 * Refusals are plain text: the web UI takes any JSON for the payloads that it asked for.
 */
export function createDecodeApp({ codec, namespace, origin, whoHas, onDecoded, onRefused, tls }: Options): FastifyInstance {
  const limits = { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_EVERY_MS }
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Declared as another server, which differs in nothing that is used of it.
    ...(tls ? { https: { ...limits, ...serverOptions(tls) } as never } : { http: limits }),
  })
  if (tls) followFiles(app.server as never, tls)
  app.server.maxConnections = MAX_CONNECTIONS

  const refuse = (reply: FastifyReply, status: number, reason: string) => {
    onRefused(reason)
    return reply.code(status).type('text/plain').send(`${reason}\n`)
  }

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', vary: 'Origin' })
    const { origin: asked } = request.headers
    if (asked === undefined) return
    if (asked !== origin) return refuse(reply, 403, 'only the web UI at TEMPORAL_UI_URL may ask')
    // A proxy in front of it may know people by a cookie.
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' })
  })

  app.options('/decode', async (_, reply) =>
    reply
      .headers({
        'access-control-allow-methods': 'POST',
        // The web UI sends the id token of its login as extras.
        'access-control-allow-headers': 'authorization, authorization-extras, content-type, x-namespace',
        'access-control-max-age': PREFLIGHT_SECONDS,
      })
      .code(204)
      .send(),
  )

  /** Asks who sends a request before its body is read: that of a stranger never is. */
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    const who =
      token === undefined
        ? undefined
        : await Promise.resolve(token)
            .then(whoHas)
            .catch((): typeof UNKNOWN => UNKNOWN)
    if (who === UNKNOWN) return refuse(reply, 503, 'whose token it is can not be found out now: try again')
    if (who === undefined) {
      reply.header('www-authenticate', 'Bearer')
      return refuse(reply, 401, 'a bearer token is missing, or is none that may decode')
    }
    const { 'x-namespace': asked = namespace } = request.headers
    if (asked !== namespace) return refuse(reply, 403, `only payloads of namespace ${namespace} are decoded here`)
    request.who = who
  }
  app.decorateRequest('who', '')

  app.post('/decode', { onRequest }, async (request, reply) => {
    const payloads = payloadsOf(request.body)
    if (!payloads) return refuse(reply, 400, 'the body is no list of payloads')
    let locked = 0
    const decoded = await Promise.all(
      payloads.map(async (payload) => {
        // One that can't be read hides none of the others.
        const [one = payload] = await codec.decode([payload]).catch(() => [])
        if (one === payload) locked++
        return one
      }),
    )
    onDecoded({ who: request.who, namespace, payloads: payloads.length, locked })
    return { payloads: decoded.map(payloadJson) }
  })

  app.setNotFoundHandler((_, reply) => reply.code(404).type('text/plain').send('only POST /decode is served here\n'))
  app.setErrorHandler((error: { statusCode?: number; message: string }, _, reply) => {
    const { statusCode = 500 } = error
    return refuse(reply, statusCode, statusCode < 500 ? error.message : 'the payloads could not be decoded')
  })
  return app
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of whoever has the token that came with a request to decode. */
    who: string
  }
}
