import { trace } from '@opentelemetry/api'
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { shownText } from '../contracts/shown-text.ts'

export interface LogOptions {
  name: string
  level: string
  format: 'iso' | 'pino'
}

/** Fields that name a person, and secrets. What a log line holds under such a name, at any depth, is not written. */
const NEVER_LOGGED = new Set([
  ...['address', 'name', 'mobile', 'post', 'phone', 'email', 'nickname', 'username', 'birthday', 'gender', 'avatar'],
  ...['password', 'authorization', 'apiKey', 'databaseUrl', 'connectionString'],
])

/** Deeper than anything that is logged on purpose; a cycle must not end the process. */
const MAX_DEPTH = 8

/**
 * The logger of every process here: JSON lines of pino, a trace's ids on the lines written within one.
 * @param options.name of the process, in every line
 * @param options.format how a line says when it was and how severe: `iso` by an ISO 8601 time and the level's name, `pino` by numbers
 * @param destination @default stdout
 */
export function createLogger(options: LogOptions, destination?: DestinationStream): Logger {
  const { name, level, format } = options
  return pino(
    {
      name,
      level,
      ...(format === 'iso' && { timestamp: stdTimeFunctions.isoTime }),
      formatters: {
        log: (fields) => redacted(fields) as Record<string, unknown>,
        ...(format === 'iso' && { level: (label: string) => ({ level: label }) }),
      },
      serializers: { err: outlineOf, error: outlineOf },
      mixin: traceIds,
      // JSON escapes line breaks and ESC; a terminal that a log is shown on obeys more than these.
      hooks: { streamWrite: (line) => `${shownText(line.trimEnd())}\n` },
    },
    destination,
  )
}

function redacted(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return '[too deep]'
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1))
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, NEVER_LOGGED.has(key) ? '[redacted]' : redacted(field, depth + 1)]),
  )
}

/** Anything else (an error, a request) is shaped by its serializer. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Keeps less than an error holds: an error of PostgreSQL quotes the row to which it objects. */
function outlineOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { cause } = error
  return {
    type: error.constructor.name,
    message: error.message,
    code: (error as { code?: unknown }).code,
    stack: error.stack,
    ...(cause instanceof Error && { cause: outlineOf(cause) }),
  }
}

function traceIds(): object {
  const span = trace.getActiveSpan()?.spanContext()
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {}
}
