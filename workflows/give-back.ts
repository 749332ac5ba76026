import { isCancellation, log } from '@temporalio/workflow'
import { MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'
import { parseOrderSn } from '../contracts/order.ts'
import { PARTICIPANTS } from '../contracts/participants/list.ts'
import { giveBackTogether } from './steps.ts'

/**
 * Gives back what closed orders owe, to all participants at once, many orders by one step. What fails is left as it is, for closeDueOrders:
 * the rows say what is owed.
 * @returns the numbers of orders that still owe something
 */
export async function giveBack(orderSns: readonly string[]): Promise<string[]> {
  const batches: string[][] = []
  for (let i = 0; i < orderSns.length; i += MAX_BATCH_ORDERS) batches.push(orderSns.slice(i, i + MAX_BATCH_ORDERS))
  return (await Promise.all(batches.map(giveBackBatch))).flat()
}

async function giveBackBatch(orderSns: readonly string[]): Promise<string[]> {
  // Each is given back as its row says.
  const sales = orderSns.map((orderSn) => ({ orderSn: parseOrderSn(orderSn), lines: [] }))
  const returned = await Promise.all(
    PARTICIPANTS.map(async ({ name }) => {
      try {
        return new Set<string>(await giveBackTogether[name](sales))
      } catch (error) {
        if (isCancellation(error)) throw error
        log.warn('closed orders are left to the next run: a step failed', { participant: name, orders: orderSns.length })
        return new Set<string>()
      }
    }),
  )
  return orderSns.filter((orderSn) => !returned.every((some) => some.has(orderSn)))
}
