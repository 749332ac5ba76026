import assert from 'node:assert/strict'
import { attempt } from '../../activities/attempt.ts'
import { LanePace } from '../../activities/lane-pace.ts'
import { failureOf } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import {
  BATCH_TASK_TIMEOUT_MS,
  LANE_CALL_CEILING_MS,
  LANE_CALL_FLOOR_MS,
  LANE_STEP_MAX_MS,
  LANE_STEP_MIN_MS,
  LANE_STEPS_MS,
} from '../../contracts/time-budget.ts'

const BOUNDS = { floorMs: 300, ceilingMs: 1_200 }
/** Void and reback: the doing can take all of the time, at most 3 s a step. */
const UNDO_STEPS = 2
/** Time that an attempt reserves to report how it ended (activities/time-left.ts). Milliseconds. */
const TO_REPORT_MS = 200
/** Promised time after a worker's death, and what Temporal and the next worker need of it. Milliseconds. */
const [RESUMES_WITHIN_MS, TO_BEGIN_ANEW_MS] = [15_000, 5_000]

describe("the lane's pace", () => {
  it('is patient while little is known of this machine', () => {
    for (const calls of [0, 1, 50]) assert.equal(limitAfter(Array(calls).fill(4)), BOUNDS.ceilingMs)
  })

  it('falls to its floor if calls are quick, and never below', () => {
    assert.equal(limitAfter(Array(100).fill(4)), BOUNDS.floorMs)
    assert.equal(limitAfter(Array(100).fill(0)), BOUNDS.floorMs)
  })

  it('gives calls three times what they take on a slow machine, and never more than its ceiling', () => {
    assert.equal(limitAfter(Array(100).fill(250)), 750)
    assert.equal(limitAfter(Array(100).fill(600)), BOUNDS.ceilingMs)
  })

  it('does not wait longer for all because of a straggler in a batch', () => {
    assert.equal(limitAfter([...Array(99).fill(4), 1_200]), BOUNDS.floorMs)
  })

  it('forgets: a machine that is quick again is soon taken for one', () => {
    assert.equal(limitAfter([...Array(500).fill(600), ...Array(100).fill(4)]), BOUNDS.floorMs)
  })

  it('rises by itself if calls are cut off by it', () => {
    const pace = new LanePace(BOUNDS)
    for (let call = 0; call < 100; call++) pace.took(4)
    for (let call = 0; call < 100; call++) pace.took(pace.limitMs)
    assert.equal(pace.limitMs, BOUNDS.ceilingMs)
  })

  it('learns from answers and from waiting in vain, and nothing from a service that is away', async () => {
    const pace = new LanePace({ floorMs: 30, ceilingMs: 30 })
    const noted: number[] = []
    const noting = { limitMs: pace.limitMs, took: (ms: number) => void noted.push(ms) }
    const away = failureOf(failure('ServiceUnavailable', 'for a test'))
    await attempt(noting, async () => true as const)
    await attempt(noting, async () => {
      throw failureOf(failure('UserNotFound', 'for a test'))
    })
    assert.equal(noted.length, 2)
    await attempt({ ...noting, limitMs: 3_600_000 }, async () => {
      throw away
    })
    assert.equal(noted.length, 2)
    await attempt(noting, async (ms) => {
      const until = performance.now() + ms
      while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 1))
      throw away
    })
    assert.ok((noted.at(2) ?? 0) >= 30, `${noted}`)
  })
})

describe("the lane's limits of time", () => {
  it('let all steps of a batch fit its workflow task, each call its step, and another worker begin in time', () => {
    assert.ok(LANE_STEPS_MS + UNDO_STEPS * LANE_STEP_MIN_MS < BATCH_TASK_TIMEOUT_MS)
    assert.ok(LANE_CALL_FLOOR_MS < LANE_CALL_CEILING_MS && 2 * TO_REPORT_MS < LANE_STEP_MAX_MS - LANE_CALL_CEILING_MS)
    assert.ok(BATCH_TASK_TIMEOUT_MS + TO_BEGIN_ANEW_MS < RESUMES_WITHIN_MS)
  })
})

function limitAfter(took: number[]): number {
  const pace = new LanePace(BOUNDS)
  for (const ms of took) pace.took(ms)
  return pace.limitMs
}
