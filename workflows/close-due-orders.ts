import { setCurrentDetails } from '@temporalio/workflow'
import { MAX_CLOSED_TOGETHER } from '../contracts/limits.ts'
import { giveBack } from './give-back.ts'
import { closeDue, findReturning } from './steps.ts'

/** Rounds of one run, which bound its history; the next run goes on. */
const ROUNDS = 50

/**
 * Started by a Schedule (composition/register.ts): closes orders that nobody has paid in time, many by one statement, and gives back what they
 * hold; likewise what earlier runs left, and cancellations. Any number of them at once, and each may end anywhere: who closes an order the row
 * decides, and what is owed stands in it until it is given back.
 *
 * If nothing can be given back, the participants are away: then this run only closes, and the next one tries again.
 * @returns the numbers of orders that it closed, and that it gave back
 */
export async function closeDueOrders(): Promise<{ closed: number; returned: number }> {
  const done = { closed: 0, returned: 0 }
  let givesBack = true
  let owing = await findReturning()
  for (let round = 1; round <= ROUNDS; round++) {
    // What one round closes the next one gives back, beside its own closing.
    const [closed, returned] = await Promise.all([round < ROUNDS ? closeDue() : [], giveBack(owing)])
    done.closed += closed.length
    done.returned += returned
    setCurrentDetails(`${done.closed} orders closed, ${done.returned} given back`)
    if (owing.length > 0 && returned === 0) givesBack = false
    if (closed.length === 0 && (owing.length === 0 || !givesBack)) break
    owing = givesBack ? closed : []
    if (givesBack && closed.length < MAX_CLOSED_TOGETHER) owing = [...closed, ...(await findReturning())]
  }
  return done
}
