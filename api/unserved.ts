import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'

/**
 * Answers what no route serves, before its body is read: an unknown path with 404; a known one with 405, or 204 to OPTIONS, and the
 * methods that it takes in `Allow`. Must come before the routes.
 */
export function answerUnserved(app: FastifyInstance): void {
  const routes = new Map<string, { path: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { path: patternOf(url), methods: new Set() }
    routes.set(url, route)
    for (const one of [method].flat()) route.methods.add(one)
  })

  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const methods = new Set([...routes.values()].flatMap((route) => (route.path.test(pathOf(request)) ? [...route.methods] : [])))
    if (methods.size === 0) throw failureOf(failure('RouteNotFound', unserved(request)))
    return answerOther(request, reply, [...methods.add('OPTIONS')].sort())
  })
  // A route matched the path and found nothing: a file that does not exist.
  app.setNotFoundHandler(async (request) => {
    throw failureOf(failure('RouteNotFound', unserved(request)))
  })
}

function answerOther(request: FastifyRequest, reply: FastifyReply, allow: string[]): FastifyReply {
  reply.header('allow', allow.join(', '))
  if (request.method === 'OPTIONS') return reply.code(204).send()
  throw failureOf(failure('MethodNotAllowed', unserved(request), { allow }))
}

function unserved(request: FastifyRequest): string {
  return `${request.method} ${pathOf(request).slice(0, 200)} is not served`
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? ''
}

/** Matches the paths that a route's url stands for. */
function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`)
}
