import type { Resource } from '@opentelemetry/resources'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry'
import type { InjectedSinks } from '@temporalio/worker'

/**
 * The way out of the sandbox for the spans of workflows. Temporal's interceptors make them with OpenTelemetry 1.x there; here
 * they become what 2.x exports. Of what is known about the run they get its ids alone: a memo may hold anything.
 */
export function workflowSpans(processor: SpanProcessor, resource: Resource): InjectedSinks<OpenTelemetrySinks> {
  return {
    exporter: {
      export: {
        fn({ workflowId, runId }, spans) {
          for (const { spanContext, parentSpanId, instrumentationLibrary, attributes, ...span } of spans) {
            const { traceState: _, ...context } = spanContext
            processor.onEnd({
              ...span,
              attributes: { ...attributes, temporalWorkflowId: workflowId, run_id: runId },
              spanContext: () => context,
              ...(parentSpanId && { parentSpanContext: { ...context, spanId: parentSpanId } }),
              instrumentationScope: instrumentationLibrary,
              resource,
            })
          }
        },
      },
    },
  }
}
