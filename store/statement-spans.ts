import { type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

const tracer = trace.getTracer('order-saga/store')
const WRITE = /\b(insert into|(?<!for )(?<!key )update|delete from)\s+"?(?!set\b)(\w+)/gi
const READ = /\bfrom\s+"?(\w+)/i

/** Nearly all statements are a few texts; those that grow with a list must not grow this. */
const MAX_SUMMARIES = 200
const summaries = new Map<string, string>()

/**
 * A span around one statement of a trace, named by what it writes or else reads. It holds neither its text nor its values, and
 * of an error the SQLSTATE alone: PostgreSQL's messages quote rows.
 */
export async function inStatementSpan<T>(text: string, run: () => Promise<T>): Promise<T> {
  // The probes of readiness belong to no trace, and would each be one.
  if (!trace.getActiveSpan()?.isRecording()) return await run()
  const span = tracer.startSpan('SQL', { kind: SpanKind.CLIENT })
  describe(span, text)
  try {
    return await run()
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (typeof code === 'string') span.setAttribute('db.response.status_code', code)
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}

function describe(span: Span, text: string): void {
  const summary = summaries.get(text) ?? summaryOf(text)
  if (summaries.size < MAX_SUMMARIES) summaries.set(text, summary)
  span.updateName(summary)
  span.setAttributes({ 'db.system.name': 'postgresql', 'db.query.summary': summary })
}

function summaryOf(text: string): string {
  const writes = [...text.matchAll(WRITE)].map(([, verb = '', table]) => `${verb.split(/\s/)[0]?.toUpperCase()} ${table}`)
  if (writes.length > 0) return [...new Set(writes)].join(', ')
  const [, table] = READ.exec(text) ?? []
  return table ? `SELECT ${table}` : (text.trim().split(/\s/)[0] ?? '').toUpperCase()
}
