import type { Client } from '@temporalio/client'
import type { Logger } from 'pino'
import { LOOK_MS } from '../contracts/time-budget.ts'
import { scheduleStates } from '../temporal/schedule-states.ts'
import { within } from '../temporal/within.ts'

/** Names each Schedule that is not well in the log, at a worker's start: without it orders are not swept, compared, closed or delivered. */
export async function checkSchedules(client: Client, logger: Pick<Logger, 'warn'>): Promise<void> {
  try {
    const states = await within(client, LOOK_MS, () => scheduleStates(client))
    for (const [schedule, state] of Object.entries(states)) {
      if (state === 'well') continue
      const advice = state === 'missing' ? ': run `npm run register`' : '; see docs/maintenance.md, A stuck Schedule'
      logger.warn({ schedule, state }, `the Schedule ${schedule} is ${state}${advice}`)
    }
  } catch (error) {
    logger.warn({ error: (error as Error).message }, 'Temporal could not be asked about the Schedules')
  }
}
