import { condition, setCurrentDetails } from '@temporalio/workflow'
import { MAX_CLOSED_TOGETHER } from '../contracts/limits.ts'
import { giveBack } from './give-back.ts'
import { closeDue, findReturning } from './steps.ts'

/** Steps of one run that close, and that give back, which bound its history; the next run goes on. */
const CLOSINGS = 50
const GIVINGS_BACK = 100
/** Givings back in succession that may come to nothing: the participants are away then, and the next run tries again. */
const FRUITLESS = 2

/**
 * Started by a Schedule (composition/register.ts): closes orders that nobody has paid in time, many by one statement, and gives back what they
 * hold; likewise what earlier runs, and cancellations, have left. Any number of them at once, and each may end anywhere: the row decides who closes
 * an order, and what is owed stands in it until it is given back. Closing does not wait for the giving back, which others may hold up.
 * @returns the numbers of orders that it closed, and that it gave back
 */
export async function closeDueOrders(): Promise<{ closed: number; returned: number }> {
  const done = { closed: 0, returned: 0 }
  const owing: string[] = []
  let isClosing = true

  async function close(): Promise<void> {
    for (let i = 0; i < CLOSINGS; i++) {
      const closed = await closeDue()
      if (closed.length === 0) break
      done.closed += closed.length
      owing.push(...closed)
    }
    isClosing = false
  }

  async function giveAllBack(): Promise<void> {
    const left: string[] = []
    let fruitless = 0
    for (let i = 0; i < GIVINGS_BACK && fruitless < FRUITLESS; i++) {
      await condition(() => owing.length > 0 || !isClosing)
      // What this run left may be old enough by now to be found.
      if (owing.length === 0) owing.push(...new Set([...left.splice(0), ...(await findReturning())]))
      if (owing.length === 0) return
      const some = owing.splice(0, MAX_CLOSED_TOGETHER)
      const stillOwing = await giveBack(some)
      const returned = some.length - stillOwing.length
      done.returned += returned
      left.push(...stillOwing)
      fruitless = returned > 0 ? 0 : fruitless + 1
    }
  }

  await Promise.all([close(), giveAllBack()])
  setCurrentDetails(`${done.closed} orders closed, ${done.returned} given back`)
  return done
}
