import type { FastifyInstance } from 'fastify'
import { ANYBODY, type Caller } from '../contracts/caller.ts'
import type { Authenticate } from '../identity/authenticate.ts'
import { peerCertificate } from '../tls/peer-certificate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Sender of the request; `anybody` until it is known. */
    caller: Caller
  }
}

/** Finds out who sent each request, before anything of its body is read. */
export function nameCallers(app: FastifyInstance, authenticate: Authenticate): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    request.caller = ANYBODY
    const certificate = peerCertificate(request.raw.socket)
    const authorization = authorizationOf(request.raw.rawHeaders)
    request.caller = await authenticate({ authorization, ...(certificate && { certificate }) })
  })
}

/** Each value that was sent: Node keeps the first one alone. */
function authorizationOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'authorization')
}
