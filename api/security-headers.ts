import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/**
 * Headers by which a browser does less with an answer than it would by itself: no frames, no guessing of types, no scripts but those
 * of /docs. Not HSTS: whether other services of this host have TLS is not known here.
 */
export async function sendSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    hsts: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  })
}
