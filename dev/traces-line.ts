import { tracesTo } from '../telemetry/traces-to.ts'

/** Names the place where the traces of this environment go, or how to switch them on. */
export function tracesLine(env: NodeJS.ProcessEnv): string {
  const to = tracesTo(env)
  if (to) return `${to.url} (OTLP, ${to.protocol})`
  return 'none: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 sends them to a collector there'
}
