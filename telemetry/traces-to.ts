const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const

/** The collector that traces are sent to. */
export interface TracesTo {
  /** Fit to be printed: without credentials. */
  url: string
  protocol: (typeof PROTOCOLS)[number]
}

/**
 * Reads where traces go from OpenTelemetry's standard environment: `OTEL_EXPORTER_OTLP_ENDPOINT` or its `…_TRACES_ENDPOINT` switches
 * them on, `OTEL_TRACES_EXPORTER=none` and `OTEL_SDK_DISABLED=true` off. Headers, certificates, time-outs, sampler and batch
 * sizes are read by OpenTelemetry itself.
 * @returns `undefined` if there are to be none
 * @throws Error naming the variable that can't be followed
 */
export function tracesTo(env: Record<string, string | undefined>): TracesTo | undefined {
  const read = (name: string) => env[name]?.trim() || undefined
  const exporter = read('OTEL_TRACES_EXPORTER')
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || exporter === 'none') return undefined
  if (exporter !== undefined && exporter !== 'otlp') {
    throw new Error(`OTEL_TRACES_EXPORTER must be otlp or none, not '${exporter}'`)
  }

  const own = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  const shared = read('OTEL_EXPORTER_OTLP_ENDPOINT')
  if (!own && !shared && !exporter) return undefined
  const named = read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf'
  const protocol = PROTOCOLS.find((known) => known === named)
  if (!protocol) throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL must be one of ${PROTOCOLS.join(', ')}, not '${named}'`)

  const base = own ?? shared ?? (protocol === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318')
  if (!/^https?:/.test(base) || !URL.canParse(base)) {
    const variable = own ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT'
    throw new Error(`${variable} must be an http(s) URL, such as http://127.0.0.1:4318`)
  }
  const url = new URL(own || protocol === 'grpc' ? base : `${base.replace(/\/+$/, '')}/v1/traces`)
  url.username = url.password = url.search = ''
  return { url: url.href, protocol }
}
