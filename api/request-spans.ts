import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const tracer = trace.getTracer('order-saga/api')
/** Paths without spans: probes would be most of what one sees. */
const TRACED = /^\/(orders|users)\b/

/** A span for each request, in the caller's trace if it names one (W3C traceparent). It holds the route, not the path. */
export function traceRequests(app: FastifyInstance): void {
  const contexts = new WeakMap<FastifyRequest, ReturnType<typeof context.active>>()

  app.addHook('onRequest', (request, { raw }, done) => {
    const { method, routeOptions, headers } = request
    const route = routeOptions.url ?? ''
    if (!TRACED.test(route)) return done()
    const caller = propagation.extract(ROOT_CONTEXT, headers)
    const attributes = { 'http.request.method': method, 'http.route': route }
    const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, caller)
    contexts.set(request, trace.setSpan(caller, span))
    raw.once('close', () => {
      span.setAttribute('http.response.status_code', raw.statusCode)
      if (raw.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    })
    done()
  })

  // Only here: the body arrives by events of the socket, which know nothing of the request's context.
  app.addHook('preHandler', (request, _reply, done) => {
    const active = contexts.get(request)
    if (active) context.with(active, done)
    else done()
  })
}
