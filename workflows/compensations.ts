import { CancellationScope } from '@temporalio/workflow'
import { failureOf, refusalIn } from '../contracts/application-failure.ts'
import type { CreateOrderResult } from '../contracts/create-order.ts'
import { type Refusal, refusal } from '../contracts/failures.ts'
import type { VoidOrder } from '../contracts/steps.ts'
import type { SagaProgress } from './saga-progress.ts'
import { ensureSearchAttributes } from './search-attributes.ts'
import { reback, voidOrder } from './steps.ts'

/** What became of an order that failed. */
export type Settlement = { stands: CreateOrderResult } | { refused: Refusal }

/**
 * Undoes an order, whatever of it was done: first voidOrder judges and closes it, so that nothing can confirm it any more;
 * only then the stock goes back. Both are keyed by the order, so nothing that the steps returned is needed. Cancellation
 * can't reach it, attempts have no limit; what is refused all the same is told, and left to the sweep.
 * @returns the order, if it was confirmed before we came; else the refusal that the store holds
 * @throws CompensationFailed naming what was undone and what is still owed; OrderInDoubt where nobody knows what there is to undo
 */
export async function settle(order: VoidOrder, progress: SagaProgress): Promise<Settlement> {
  return await CancellationScope.nonCancellable(async () => {
    progress.failed(order.refusal.type)
    progress.at('voidOrder')
    const voided = await voidOrder(order).catch(owing('voidOrder'))
    progress.orderSn = voided.orderSn
    const giveBack = async () => {
      progress.at('reback')
      await reback({ orderSn: voided.orderSn, lines: voided.lines }).catch(owing('reback'))
      progress.undid('stock')
    }
    if (voided.order) {
      if (voided.rebackOwed) await giveBack()
      return { stands: voided.order }
    }
    if ('request' in order) ensureSearchAttributes(voided.orderSn, order.request)
    progress.undid(`order (${voided.outcome})`)

    if (voided.refusal?.type === 'OrderInDoubt') throw failureOf(voided.refusal) // to undo what may not be done is no undo
    if (voided.rebackOwed) await giveBack()
    progress.at('settled')
    return { refused: voided.refusal ?? order.refusal }
  })

  function owing(owed: string) {
    return (error: unknown): never => {
      const { undone, orderSn } = progress
      const refused = refusalIn(error)
      if (refused?.type === 'OrderInDoubt') throw failureOf(refused)
      const why = refused?.message ?? String(error)
      throw failureOf(
        refusal('CompensationFailed', `${owed} of order ${orderSn ?? '(not opened)'} was refused (${why})`, {
          owed,
          undone,
          failure: order.refusal.type,
          ...(orderSn !== undefined && { orderSn }),
        }),
      )
    }
  }
}
