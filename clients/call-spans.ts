import { InterceptingCall, type Interceptor, type Metadata, status } from '@grpc/grpc-js'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

const tracer = trace.getTracer('order-saga/clients')
const METADATA = { set: (metadata: Metadata, key: string, value: string) => metadata.set(key, value) }

/** A span for each call of a trace; its context travels to the service (W3C traceparent). It holds neither request nor answer. */
export const callSpans: Interceptor = (options, nextCall) => {
  if (!trace.getActiveSpan()) return new InterceptingCall(nextCall(options))
  const [, service = '', method = ''] = options.method_definition.path.split('/')
  const attributes = { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method }
  const span = tracer.startSpan(`${service}/${method}`, { kind: SpanKind.CLIENT, attributes })
  const active = trace.setSpan(context.active(), span)
  return new InterceptingCall(nextCall(options), {
    start(metadata, _listener, next) {
      propagation.inject(active, metadata, METADATA)
      next(metadata, {
        onReceiveStatus(answer, forward) {
          span.setAttribute('rpc.grpc.status_code', answer.code)
          if (answer.code !== status.OK) span.setStatus({ code: SpanStatusCode.ERROR, message: status[answer.code] ?? '' })
          span.end()
          forward(answer)
        },
      })
    },
  })
}
