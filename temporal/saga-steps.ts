import type { WorkflowHandle } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'
import { BATCH_SUMMARIES, type BatchStep } from '../contracts/batch-summaries.ts'
import { keyIdOf } from '../contracts/encrypted-payload.ts'
import type { Preparation, StepAhead } from '../contracts/steps.ts'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>
type Event = NonNullable<History['events']>[number]

/** An order number in JSON (contracts/order-sn.ts). */
const NAMES_ORDERS = /"[A-Z2-7]{16}"/

/** Outcomes of a step; `open` while it has not ended. */
export const STEP_OUTCOMES = ['completed', 'failed', 'timed out', 'cancelled', 'open'] as const

/** One activity of a run, as its history records it. */
export interface RecordedStep {
  activity: string
  /** Summary that the web UI shows beside the step. */
  summary: string
  /** Number of the attempt that ended the step, from 1. */
  attempt: number
  /** Milliseconds from its scheduling to its end, retries and their pauses included; absent while it is open. */
  durationMs?: number
  outcome: (typeof STEP_OUTCOMES)[number]
  /** Present if the step was made for all orders of a batch at once. */
  shared?: true
}

/**
 * The activities of a run in the order in which they were scheduled; a batch's local ones in that of their ends, with the steps that a head start
 * made ahead of the run behind the one whose answer holds theirs.
 * @param orderSn of one order of a batch: leaves out the steps whose answer names others and not this one
 */
export function sagaSteps({ events }: History, orderSn?: string): RecordedStep[] {
  const steps = new Map<string, RecordedStep & { since: number }>()
  let workflowTime = 0
  for (const event of events ?? []) {
    if (event.workflowTaskStartedEventAttributes) workflowTime = timeOf(event)
    const local = localEnd(event)
    if (local) {
      const { activity_type: activity, attempt, complete_time: end } = local
      const since = workflowTime
      workflowTime = millisecondsOf(end)
      const ahead = aheadOf(event)
      const durationMs = Math.max(0, workflowTime - since - ahead.reduce((sum, { ms }) => sum + ms, 0))
      const outcome = localOutcomeOf(event)
      if (orderSn === undefined || concerns(event, orderSn)) {
        steps.set(`${event.eventId}`, { activity, summary: summaryOf(event), attempt, durationMs, outcome, shared: true, since })
      }
      for (const { step, ms, answer } of ahead) {
        if (orderSn !== undefined && !names(JSON.stringify(answer), orderSn)) continue
        const summary = BATCH_SUMMARIES.get(step as BatchStep) ?? ''
        const made = { activity: step, summary, attempt: 1, durationMs: ms, outcome: 'completed', shared: true, since } as const
        steps.set(`${event.eventId} ${step}`, made)
      }
    }
    const scheduled = event.activityTaskScheduledEventAttributes
    if (scheduled) {
      steps.set(`${event.eventId}`, {
        activity: scheduled.activityType?.name ?? '',
        summary: summaryOf(event),
        attempt: 1,
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

function outcomeOf(event: Event): RecordedStep['outcome'] {
  if (event.activityTaskCompletedEventAttributes) return 'completed'
  if (event.activityTaskFailedEventAttributes) return 'failed'
  return event.activityTaskTimedOutEventAttributes ? 'timed out' : 'cancelled'
}

/** Content of the marker by which the SDK's core records a local activity; no other event records it. */
interface LocalEnd {
  activity_type: string
  attempt: number
  /** Time in the run's own clock, which stands at the start of its workflow task until the first one ends. */
  complete_time: { seconds: number; nanos: number }
}

function localEnd({ markerRecordedEventAttributes: marker }: Event): LocalEnd | undefined {
  if (marker?.markerName !== 'core_local_activity') return undefined
  const [data] = marker.details?.data?.payloads ?? []
  return data ? defaultPayloadConverter.fromPayload<LocalEnd>(data) : undefined
}

/** A marker holds the answer of a local activity, and not its arguments. One that is encrypted may name the order. */
function concerns({ markerRecordedEventAttributes: marker }: Event, orderSn: string): boolean {
  const [payload] = marker?.details?.result?.payloads ?? []
  const answer = Buffer.from(payload?.data ?? []).toString()
  return (payload && keyIdOf(payload) !== undefined) || names(answer, orderSn)
}

/** Returns true if an answer names this order, or none. */
function names(answer: string, orderSn: string): boolean {
  return answer.includes(orderSn) || !NAMES_ORDERS.test(answer)
}

/** The steps that a head start made, which the answer of the first one holds; none of one that is encrypted. */
function aheadOf({ markerRecordedEventAttributes: marker }: Event): StepAhead[] {
  const [payload] = marker?.details?.result?.payloads ?? []
  if (!payload || keyIdOf(payload) !== undefined) return []
  const { ahead } = defaultPayloadConverter.fromPayload<Partial<Preparation> | null>(payload) ?? {}
  return Array.isArray(ahead) ? ahead : []
}

function localOutcomeOf({ markerRecordedEventAttributes: marker }: Event): RecordedStep['outcome'] {
  if (!marker?.failure) return 'completed'
  if (marker.failure.canceledFailureInfo) return 'cancelled'
  return marker.failure.timeoutFailureInfo ? 'timed out' : 'failed'
}

function summaryOf({ userMetadata }: Event): string {
  const { summary } = userMetadata ?? {}
  if (!summary) return ''
  const keyId = keyIdOf(summary)
  return keyId === undefined ? String(defaultPayloadConverter.fromPayload(summary)) : `(encrypted by key ${keyId})`
}

function timeOf({ eventTime }: Event): number {
  return millisecondsOf(eventTime)
}

function millisecondsOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1_000 + Math.round((time?.nanos ?? 0) / 1_000_000)
}
