import { context, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api'

const tracer = trace.getTracer('order-saga/api')

/**
 * Starts the run of a batch, whichever request happened to send it off. A batch of one belongs to its order's trace. A larger
 * one is a trace of its own: its span and the spans of its requests link to each other.
 * @param requests the spans of its requests, none if there are no traces
 */
export async function inBatchSpan<T>(requests: readonly Span[], start: () => Promise<T>): Promise<T> {
  const [first, ...others] = requests
  if (!first) return await context.with(ROOT_CONTEXT, start)
  if (others.length === 0) return await context.with(trace.setSpan(ROOT_CONTEXT, first), start)
  const span = tracer.startSpan(
    'batch of orders',
    {
      kind: SpanKind.PRODUCER,
      attributes: { 'order.count': requests.length },
      links: requests.map((request) => ({ context: request.spanContext() })),
    },
    ROOT_CONTEXT,
  )
  for (const request of requests) request.addLink({ context: span.spanContext() })
  try {
    return await context.with(trace.setSpan(ROOT_CONTEXT, span), start)
  } finally {
    span.end()
  }
}
