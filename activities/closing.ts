import { log } from '@temporalio/activity'
import { MAX_CLOSED_TOGETHER } from '../contracts/limits.ts'
import { isOrderSn } from '../contracts/order.ts'
import { PAY_GRACE_MS, RECIPIENTS_KEEP_MS, RETURNING_AFTER_MS } from '../contracts/time-budget.ts'
import { stateNameOf } from '../store/failures.ts'
import type { Deps } from './deps.ts'
import { callStore } from './order-store-call.ts'
import { modeText } from './other-mode.ts'

const MAX_ORDERS_NAMED = 20
/** Orders whose recipients one step forgets: the next one goes on, seconds later. */
const MAX_FORGOTTEN = 500

export function closingActivities({
  orders,
  unkeyed,
  payGraceMs = PAY_GRACE_MS,
  recipientsKeepMs = RECIPIENTS_KEEP_MS,
  onTransition,
}: Pick<Deps, 'orders' | 'unkeyed' | 'payGraceMs' | 'recipientsKeepMs' | 'onTransition'>) {
  const keyed = !unkeyed

  /** A row is as sound as whoever wrote it: what is no order number would be refused by each step that follows, with all others of its batch. */
  function numbersIn(found: readonly string[]): string[] {
    const strange = found.filter((orderSn) => !isOrderSn(orderSn)).map((orderSn) => orderSn.slice(0, 16))
    if (strange.length > 0) log.error('closed orders can not be given back: their numbers are none', named(strange))
    return found.filter(isOrderSn)
  }

  /** A recipient that can't be forgotten now is left to the next step: no order waits for it. */
  async function forget(): Promise<void> {
    try {
      await callStore('forgetRecipients', () => orders.forgetRecipients(recipientsKeepMs, MAX_FORGOTTEN))
    } catch (error) {
      log.error('recipients of old orders can not be forgotten', { why: (error as Error).message })
    }
  }

  return {
    /**
     * Closes orders that nobody has paid by their deadline and its grace, whatever the mode: nothing is sent here. One that can not be closed holds up
     * no other. Some of those that came to their end long ago forget their recipients meanwhile.
     */
    async closeDue(): Promise<string[]> {
      const { done, failed } = await callStore('closeDue', () => orders.closeDueSparing(payGraceMs, MAX_CLOSED_TOGETHER))
      if (failed.length > 0) {
        const why = stateNameOf(failed[0]?.error)
        log.error(`${failed.length} orders are due and can not be closed`, {
          ...named(failed.map(({ orderSn }) => orderSn)),
          why,
        })
      }
      if (done.length > 0) onTransition?.('TRADE_CLOSED', done.length)
      await forget()
      return numbersIn(done)
    },

    /** Orders that whoever closed them left, of this worker's INVENTORY_MODE. Those of the other mode are left to a worker under it. */
    async findReturning(): Promise<string[]> {
      const sought = { keyed, idleMs: RETURNING_AFTER_MS, atMost: MAX_CLOSED_TOGETHER }
      const { orderSns, ofOtherMode } = await callStore('findReturning', () => orders.findReturning(sought))
      if (ofOtherMode.length > 0)
        log.warn(`closed orders wait for a worker under ${modeText(!keyed)} to give back what they hold`, named(ofOtherMode))
      return numbersIn(orderSns)
    },
  }
}

function named(orderSns: readonly string[]) {
  return { orderSns: orderSns.slice(0, MAX_ORDERS_NAMED) }
}
