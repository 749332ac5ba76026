import assert from 'node:assert/strict'
import { defaultPayloadConverter } from '@temporalio/common'
import { sagaSteps } from '../../dev/saga-steps.ts'

type History = Parameters<typeof sagaSteps>[0]
type Event = NonNullable<History['events']>[number]

describe('the steps of a saga, as its history tells them', () => {
  /** @param ms since the start of the run */
  const event = (eventId: number, ms: number, attributes: object) => ({
    eventId,
    eventTime: { seconds: 1_700_000_000 + Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 },
    ...attributes,
  })
  const scheduled = (name: string, summary?: string) => ({
    activityTaskScheduledEventAttributes: { activityType: { name } },
    ...(summary && { userMetadata: { summary: defaultPayloadConverter.toPayload(summary) } }),
  })
  const historyOf = (...events: object[]) => ({ events: events as Event[] }) as History

  it('have the attempt that ended them and the time from scheduling to end, across a full second', () => {
    const history = historyOf(
      event(5, 900, scheduled('sell', 'Take all lines out of the stock')),
      event(6, 1_250, { activityTaskStartedEventAttributes: { scheduledEventId: 5, attempt: 3 } }),
      event(7, 1_300, { activityTaskCompletedEventAttributes: { scheduledEventId: 5 } }),
    )
    const summary = 'Take all lines out of the stock'
    assert.deepEqual(sagaSteps(history), [{ activity: 'sell', summary, attempt: 3, durationMs: 400, outcome: 'completed' }])
  })

  it('stand in the order of their scheduling, whatever ends first, and tell how each ended', () => {
    const history = historyOf(
      event(1, 0, scheduled('getUser')),
      event(2, 0, scheduled('sell')),
      event(3, 0, scheduled('openOrder')),
      event(4, 0, scheduled('confirmOrder')),
      event(5, 9, { activityTaskTimedOutEventAttributes: { scheduledEventId: 3 } }),
      event(6, 9, { activityTaskFailedEventAttributes: { scheduledEventId: 2 } }),
      event(7, 9, { activityTaskCanceledEventAttributes: { scheduledEventId: 1 } }),
    )
    assert.deepEqual(
      sagaSteps(history).map(({ activity, outcome }) => `${activity} ${outcome}`),
      ['getUser cancelled', 'sell failed', 'openOrder timed out', 'confirmOrder open'],
    )
  })
})
