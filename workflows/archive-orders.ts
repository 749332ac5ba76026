import { setCurrentDetails } from '@temporalio/workflow'
import type { ArchiveRound } from '../contracts/steps.ts'
import { archiveRound } from './steps.ts'

/** Rounds of one run, a minute each: longer ones would let the Schedule count as behind (temporal/schedule-states.ts). Its next run goes on. */
const MAX_ROUNDS = 5

/**
 * Started by a Schedule (composition/register.ts): moves old orders into the archive, round by round for as long as there are any. It may end anywhere:
 * each batch of a round stands by itself.
 * @returns what it came to, all rounds together
 */
export async function archiveOrders(): Promise<ArchiveRound> {
  const all: ArchiveRound = { archived: 0, more: true }
  for (let rounds = 0; all.more && rounds < MAX_ROUNDS; rounds++) {
    const { archived, more } = await archiveRound()
    all.archived += archived
    all.more = more
  }
  setCurrentDetails(`${all.archived} orders archived`)
  return all
}
