import { setTimeout as sleep } from 'node:timers/promises'
import { Metadata } from '@grpc/grpc-js'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { defaultResource, detectResources, envDetector, hostDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node'
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry'
import type { Logger } from 'pino'
import type { Tracing } from './start-tracing.ts'
import type { TracesTo } from './traces-to.ts'
import { WORKFLOW_INTERCEPTORS } from './workflow-interceptors.ts'
import { workflowSpans } from './workflow-spans.ts'

const STOP_WITHIN_MS = 3_000

const EXPORTERS: Record<TracesTo['protocol'], (headers: Record<string, string>) => Promise<SpanExporter>> = {
  async 'http/protobuf'(headers) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto')
    return new OTLPTraceExporter({ headers })
  },
  async 'http/json'(headers) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
    return new OTLPTraceExporter({ headers })
  },
  async grpc(headers) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc')
    const metadata = new Metadata()
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
    return new OTLPTraceExporter({ metadata })
  },
}

/** Makes this process send its spans; the exporter reads the environment for what `to` does not say. */
export async function openTelemetry({ protocol, headers }: TracesTo, service: string, log: Logger): Promise<Tracing> {
  const tell = (level: 'warn' | 'error') => (message: string) => log[level]({ component: 'OpenTelemetry' }, message)
  const silent = () => {}
  // Without one, spans that can't be delivered are dropped in silence.
  diag.setLogger(
    { error: tell('error'), warn: tell('warn'), info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  const processor = new BatchSpanProcessor(await EXPORTERS[protocol](headers))
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': service, 'process.pid': process.pid }))
    .merge(detectResources({ detectors: [hostDetector, envDetector] }))
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] })
  provider.register()
  return {
    client: [new OpenTelemetryWorkflowClientInterceptor()],
    worker: {
      activity: [(activity) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(activity) })],
      workflowModules: [WORKFLOW_INTERCEPTORS],
      sinks: workflowSpans(processor, resource),
    },
    async stop() {
      const drained = provider.shutdown().catch((error: Error) => log.warn({ error }, 'the last traces were not sent'))
      await Promise.race([drained, sleep(STOP_WITHIN_MS, undefined, { ref: false })])
    },
  }
}
