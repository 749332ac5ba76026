import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client'
import { SCHEDULED, type ScheduleId } from './scheduled.ts'

/** Ways in which a Schedule does not do what it is there for; `behind`: it is neither, and has not started a run in time. */
export const SCHEDULE_TROUBLES = ['missing', 'paused', 'behind'] as const
export type ScheduleState = 'well' | (typeof SCHEDULE_TROUBLES)[number]

/** Number of its periods for which a Schedule may have started no run: one run may take longer than a period. */
const MISSED_PERIODS = 3
/** The same as a time, for short periods: a server that was away catches up no more than ten seconds, and a worker may be away as well. Milliseconds. */
const MISSED_MS = 60_000

/**
 * Asks Temporal how each Schedule of ours does.
 * @throws the server's error, if it could not be asked
 */
export async function scheduleStates({ schedule }: Pick<Client, 'schedule'>): Promise<Record<ScheduleId, ScheduleState>> {
  const ids = Object.keys(SCHEDULED) as ScheduleId[]
  const states = await Promise.all(ids.map(async (id) => [id, await stateOf(schedule, id)] as const))
  return Object.fromEntries(states) as Record<ScheduleId, ScheduleState>
}

async function stateOf(schedules: Client['schedule'], id: ScheduleId): Promise<ScheduleState> {
  try {
    return judgeSchedule(await schedules.getHandle(id).describe(), new Date())
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'missing'
    throw error
  }
}

/** Judges what Temporal says of a Schedule, by clocks that may differ by seconds. */
export function judgeSchedule({ state, spec, info }: ScheduleDescription, now: Date): ScheduleState {
  if (state.paused) return 'paused'
  // It may have been brought up to date, or unpaused, a moment ago: it is not behind for what it had not to do before.
  const starts = [info.createdAt, info.lastUpdatedAt, ...info.recentActions.map(({ takenAt }) => takenAt)]
  const last = Math.max(...starts.map((at) => at?.getTime() ?? 0))
  const period = Math.max(0, ...(spec.intervals ?? []).map(({ every }) => Number(every)))
  return now.getTime() - last > MISSED_PERIODS * period + MISSED_MS ? 'behind' : 'well'
}
