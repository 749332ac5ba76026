import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { failureOf } from '../contracts/application-failure.ts'
import { ANYBODY, type Caller } from '../contracts/caller.ts'
import { failure } from '../contracts/failures.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { type Access, requireAccess } from '../identity/access.ts'
import { type AskedFor, type Authenticate, askedBy } from '../identity/authenticate.ts'
import { hostIn, isLoopback } from '../identity/hosts.ts'
import type { CallerLimits } from '../limits/caller-limits.ts'
import { peerCertificate } from '../tls/peer-certificate.ts'
import type { InnerDoor } from './inner-door.ts'
import { problems } from './schemas.ts'
import { senderOf } from './sender-of.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Sender of the request; `anybody` where nobody is asked. */
    caller: Caller
    /** True if the request came by a way that is for operators. */
    isInside: boolean
  }
  interface FastifyContextConfig {
    /** Callers that may come through the route. A route without it makes the start fail. */
    access?: Access
  }
}

export interface GuardDeps {
  authenticate: Authenticate
  /**
   * Names beside those of this machine by which the starter may be called, and whether that holds for every route, or for those of
   * operators alone.
   */
  hosts: { names: readonly string[]; forAll: boolean }
  /** The operators' own address. */
  inner: Pick<InnerDoor, 'has' | 'isLoopback'>
  /** True if the public address serves what is for operators as well. */
  isInsidePublic: boolean
  /** Requests that a caller may send. @default any number */
  limits?: Pick<CallerLimits, 'admit'>
}

/** Access of the routes at the operators' own address: without asking, and with that scope. */
const INSIDE: ReadonlySet<Access> = new Set<Access>(['inside', 'orders:operate'])

/** Lets each request through to its route, or not, before anything of its body is read. Must come before the routes. */
export function guardRoutes(app: FastifyInstance, { authenticate, hosts, inner, isInsidePublic, limits }: GuardDeps): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
    documentGuard(route, askedBy(authenticate))
  })
  app.addHook('onReady', async () => {
    const open = routes.filter(({ config }) => !config?.access).map(({ method, url }) => `${[method].flat().join(', ')} ${url}`)
    if (open.length > 0) throw new Error(`these routes declare no access (config.access): ${open.join('; ')}`)
  })

  app.decorateRequest('caller')
  app.decorateRequest('isInside', false)
  app.addHook('onRequest', async (request, reply) => {
    request.caller = ANYBODY
    try {
      await letThrough(request, reply)
    } finally {
      // Who can't say who they are is counted as well, and what nobody serves.
      await limits?.admit('http', senderOf(request))
    }
  })

  async function letThrough(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const isInner = inner.has(request.raw)
    request.isInside = isInner || isInsidePublic
    const { access = 'open' } = request.routeOptions.config
    if (request.is404 || access === 'open') return
    if (isInner ? !INSIDE.has(access) : access === 'inside' && !isInsidePublic) throw notHere(request)
    if (isInner ? inner.isLoopback : hosts.forAll || access === 'inside') requireHost(request, hosts.names)
    if (access === 'inside') return
    // What is one caller's must be in no cache that another's request reaches.
    reply.header('cache-control', 'no-store')
    const certificate = peerCertificate(request.raw.socket)
    const authorization = sent(request, 'authorization')
    request.caller = await authenticate({ authorization, ...(certificate && { certificate }) })
    requireAccess(request.caller, access)
    // A caller who gets past a gateway is no operator by that.
    if (access === 'orders:operate' && request.caller.kind === 'anybody' && !request.isInside) throw notHere(request)
  }
}

/** A page of another site reaches a loopback address by a name of its own that was made to lead there, and gives itself away by it. */
function requireHost(request: FastifyRequest, names: readonly string[]): void {
  const [header = '', ...others] = sent(request, 'host')
  if (others.length > 0) throw invalidInput([{ field: 'Host', problem: 'must be sent once' }])
  const host = hostIn(header)
  if (isLoopback(host) || names.includes(host)) return
  throw failureOf(failure('MisdirectedRequest', 'the header Host names none of the hosts of this starter'))
}

/** Each value of a header that was sent: Node keeps the first one alone. */
function sent({ raw: { rawHeaders } }: FastifyRequest, name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name)
}

function notHere({ method, routeOptions }: FastifyRequest) {
  return failureOf(failure('RouteNotFound', `${method} ${routeOptions.url} is not served at this address`))
}

/**
 * Writes into the OpenAPI document of a route what the guard may answer in its place.
 * @param asked what senders are known by: a document that demands a token of a starter that asks for none would be untrue
 */
function documentGuard(route: RouteOptions, asked: AskedFor): void {
  const { access = 'open' } = route.config ?? {}
  const schema = route.schema as { hide?: boolean; response?: Record<number, unknown> } | undefined
  if (!schema || schema.hide || access === 'open') return
  const everywhere = problems('InvalidInput', 'MisdirectedRequest')
  if (access === 'inside') {
    route.schema = { ...schema, response: { ...everywhere, ...problems('RouteNotFound'), ...schema.response } }
    return
  }
  const guarded = problems('Unauthenticated', 'Forbidden', 'ServiceUnavailable')
  const security = asked !== 'nothing' && { security: [{ [asked]: access === 'own' ? [] : [access] }] }
  route.schema = { ...schema, ...security, response: { ...everywhere, ...guarded, ...schema.response } }
}
