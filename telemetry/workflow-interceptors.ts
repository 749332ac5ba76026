import { createRequire } from 'node:module'

/** The path of Temporal's workflow interceptors, for the bundle. It stands apart from the rest of OpenTelemetry, which is loaded only if traces are sent. */
export const WORKFLOW_INTERCEPTORS = createRequire(import.meta.url).resolve(
  '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors',
)
