import { trace } from '@opentelemetry/api'
import { pino } from 'pino'
import { loadWorkerConfig } from '../../config/config.ts'
import { startTracing } from '../../telemetry/start-tracing.ts'

/** A program that reads its environment as the worker does, sends one span to the collector that is named there, prints what it logs, and ends. */
const { traces } = loadWorkerConfig({ DATABASE_URL: 'postgres://localhost/orders', ...process.env })
const tracing = await startTracing(traces, 'a-test', pino({ level: 'warn' }))
trace.getTracer('a-test').startSpan('one').end()
await tracing?.stop()
