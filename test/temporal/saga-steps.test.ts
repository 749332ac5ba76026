import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { defaultPayloadConverter } from '@temporalio/common'
import { sagaSteps } from '../../temporal/saga-steps.ts'
import { readHistory } from '../proof/histories/history-json.ts'

type History = Parameters<typeof sagaSteps>[0]
type Event = NonNullable<History['events']>[number]

describe('the steps of a saga, as its history has them', () => {
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

  it('are, of a run that several orders share, those that name this order, and those that name none', () => {
    const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] })
    const marker = (name: string, answer: unknown) => ({
      markerRecordedEventAttributes: {
        markerName: 'core_local_activity',
        details: {
          data: payloads({
            activity_type: name,
            attempt: 1,
            complete_time: { seconds: 1_700_000_000, nanos: 5_000_000 },
          }),
          result: payloads(answer),
        },
      },
    })
    const [mine, other] = ['A'.repeat(16), 'B'.repeat(16)]
    const history = historyOf(
      event(5, 0, marker('prepareOrders', [{ orderSn: mine }, { orderSn: other }])),
      event(6, 0, marker('sellOrders', [{ done: true }, { done: true }])),
      event(7, 0, marker('confirmOrders', [{ orderSn: mine }])),
      event(8, 0, marker('voidOrders', [{ orderSn: other }])),
      event(9, 0, { markerRecordedEventAttributes: { markerName: 'core_patch', details: {} } }),
    )
    const names = (orderSn?: string) => sagaSteps(history, orderSn).map(({ activity }) => activity)
    assert.deepEqual(names(mine), ['prepareOrders', 'sellOrders', 'confirmOrders'])
    assert.deepEqual(names(other), ['prepareOrders', 'sellOrders', 'voidOrders'])
    assert.deepEqual(names(), ['prepareOrders', 'sellOrders', 'confirmOrders', 'voidOrders'])
    assert.ok(sagaSteps(history, mine).every(({ shared }) => shared))
  })

  it('are those that a head start made as well, each with the time that it took, and those of other orders left out', () => {
    const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] })
    const [mine, other] = ['A'.repeat(16), 'B'.repeat(16)]
    const prepared = {
      openings: [{ orderSn: mine }, { orderSn: other }],
      ahead: [
        { step: 'sellOrders', ms: 30, answer: [{ done: true }, { refused: {} }] },
        { step: 'confirmOrders', ms: 20, answer: [{ orderSn: mine }] },
      ],
    }
    const data = payloads({
      activity_type: 'prepareOrders',
      attempt: 1,
      complete_time: { seconds: 1_700_000_000, nanos: 90_000_000 },
    })
    const history = historyOf(
      event(3, 0, { workflowTaskStartedEventAttributes: {} }),
      event(5, 0, {
        markerRecordedEventAttributes: { markerName: 'core_local_activity', details: { data, result: payloads(prepared) } },
      }),
    )
    const of = (orderSn?: string) => sagaSteps(history, orderSn).map(({ activity, durationMs }) => `${activity} ${durationMs}`)
    assert.deepEqual(of(), ['prepareOrders 40', 'sellOrders 30', 'confirmOrders 20'])
    assert.deepEqual(of(mine), of())
    assert.deepEqual(of(other), ['prepareOrders 40', 'sellOrders 30'])
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

  it('are told of a batch too, whose steps are local: how long each took, and how it ended', () => {
    const replayed = (name: string) =>
      readHistory(readFileSync(new URL(`../proof/histories/${name}.json`, import.meta.url), 'utf8'))
    const confirmed = sagaSteps(replayed('lane-confirmed'))
    assert.deepEqual(
      confirmed.map(({ activity, attempt, outcome }) => [activity, attempt, outcome]),
      ['prepareOrders', 'sellOrders', 'confirmOrders'].map((activity) => [activity, 1, 'completed']),
    )
    for (const { summary, durationMs = -1 } of confirmed) assert.ok(summary.length > 10 && durationMs >= 0 && durationMs < 10_000)
    const ahead = sagaSteps(replayed('lane-confirmed-ahead'))
    for (const { summary, durationMs = -1 } of ahead) assert.ok(summary.length > 10 && durationMs >= 0 && durationMs < 10_000)
    const ends = (steps: typeof ahead) =>
      steps.map(({ activity, attempt, outcome, shared }) => [activity, attempt, outcome, shared])
    assert.deepEqual(ends(ahead), ends(confirmed))
    assert.deepEqual(
      sagaSteps(replayed('lane-step-failed')).map(({ activity, outcome }) => [activity, outcome]),
      [['prepareOrders', 'failed']],
    )
  })
})
