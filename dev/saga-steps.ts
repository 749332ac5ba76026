import type { WorkflowHandle } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>
type Event = NonNullable<History['events']>[number]

/** One activity of a run, as its history tells it. */
export interface SagaStep {
  activity: string
  /** What the web UI shows beside it. */
  summary: string
  /** From 1; of the attempt that ended it. */
  attempt: number
  /** From its scheduling to its end, retries and their pauses included; `undefined` while it is open. Milliseconds. */
  durationMs: number | undefined
  /** `completed`, or how else it ended; `open` while it has not. */
  outcome: 'completed' | 'failed' | 'timed out' | 'cancelled' | 'open'
}

/** The activities of a run in the order in which they were scheduled. */
export function sagaSteps({ events }: History): SagaStep[] {
  const steps = new Map<string, SagaStep & { since: number }>()
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes
    if (scheduled) {
      const summary = event.userMetadata?.summary
      steps.set(`${event.eventId}`, {
        activity: scheduled.activityType?.name ?? '',
        summary: summary ? String(defaultPayloadConverter.fromPayload(summary)) : '',
        attempt: 1,
        durationMs: undefined,
        outcome: 'open',
        since: timeOf(event),
      })
    }
    const started = event.activityTaskStartedEventAttributes
    const step = steps.get(`${(started ?? endOf(event))?.scheduledEventId}`)
    if (!step) continue
    if (started) {
      step.attempt = started.attempt ?? 1
    } else {
      step.durationMs = timeOf(event) - step.since
      step.outcome = outcomeOf(event)
    }
  }
  return [...steps.values()].map(({ since: _, ...step }) => step)
}

function endOf(event: Event) {
  return (
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  )
}

function outcomeOf(event: Event): SagaStep['outcome'] {
  if (event.activityTaskCompletedEventAttributes) return 'completed'
  if (event.activityTaskFailedEventAttributes) return 'failed'
  return event.activityTaskTimedOutEventAttributes ? 'timed out' : 'cancelled'
}

function timeOf({ eventTime }: Event): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + Math.round((eventTime?.nanos ?? 0) / 1_000_000)
}
