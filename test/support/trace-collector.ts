import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onEnd } from './on-end.ts'

/** One span as a collector gets it (OTLP). Times are nanoseconds since 1970. */
export interface CollectedSpan {
  /** `service.name` of the process that made it. */
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  startTimeUnixNano: string
  attributes: { key: string; value: Record<string, unknown> }[]
  links?: { traceId: string; spanId: string }[]
}

interface Body {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] }
    scopeSpans: { spans: Omit<CollectedSpan, 'service'>[] }[]
  }[]
}

export interface TraceCollector {
  /** Makes a process send its traces here, within a tenth of a second. */
  env: Record<string, string>
  /** All that came, as it came. */
  bodies: Buffer[]
  /** Returns the spans that came as JSON. */
  spans(): CollectedSpan[]
}

/** A stand-in for an OpenTelemetry collector: takes OTLP over HTTP, and keeps it. It ends behind the last test. */
export async function traceCollector(protocol: 'http/json' | 'http/protobuf'): Promise<TraceCollector> {
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/v1/traces') bodies.push(Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onEnd(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
    bodies,
    spans: () => bodies.flatMap((body) => spansIn(JSON.parse(body.toString()) as Body)),
  }
}

function spansIn({ resourceSpans }: Body): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })))
  })
}
