const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const
/** Values that gRPC takes in metadata: for HTTP the same is asked. */
const PRINTABLE = /^[\x20-\x7e]*$/

/** The collector that traces are sent to. */
export interface TracesTo {
  /** Fit to be printed: without credentials. */
  url: string
  protocol: (typeof PROTOCOLS)[number]
  /** Headers of each request to it, by their names. They may hold a token: never to be printed. */
  headers: Record<string, string>
}

/**
 * Reads where traces go from OpenTelemetry's standard environment: `OTEL_EXPORTER_OTLP_ENDPOINT` or its `…_TRACES_ENDPOINT` switches
 * them on, `OTEL_TRACES_EXPORTER=none` and `OTEL_SDK_DISABLED=true` off. Certificates, time-outs, sampler and batch sizes are read by
 * OpenTelemetry itself; headers are read here, since they may stand in a file.
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
  const headers = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'].flatMap((name) =>
    headersIn(name, read(name)),
  )
  return { url: url.href, protocol, headers: Object.fromEntries(headers) }
}

/** Returns the headers that stand in a variable as OpenTelemetry specifies it: `name=value`, percent-encoded, with commas between them. */
function headersIn(variable: string, text = ''): [name: string, value: string][] {
  return text
    .split(',')
    .filter((pair) => pair.trim())
    .map((pair) => {
      try {
        const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? []
        const [header] = new Headers({ [decodeURIComponent(name.trim())]: decodeURIComponent(value.trim()) })
        if (header && PRINTABLE.test(header[1])) return header
      } catch {
        // The error repeats the text, which may hold a token.
      }
      throw new Error(`${variable} must be name=value, percent-encoded, with commas between such pairs`)
    })
}
