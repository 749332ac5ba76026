import { CancellationScope } from '@temporalio/workflow'
import { failureIn, failureOf } from '../contracts/application-failure.ts'
import type { CreateOrderResult } from '../contracts/create-order.ts'
import { type Failure, failure } from '../contracts/failures.ts'
import { owedOf, strangersOf } from '../contracts/participants/owed.ts'
import type { Voided, VoidOrder } from '../contracts/steps.ts'
import type { SagaProgress } from './saga-progress.ts'
import { ensureSearchAttributes } from './search-attributes.ts'
import { giveBackTo, voidOrder } from './steps.ts'

/** End of an order that failed. */
export type Settlement = { kind: 'stands'; order: CreateOrderResult } | { kind: 'refused'; refusal: Failure }

/**
 * Undoes an order, whatever of it was done: first voidOrder judges and closes it, so that nothing can confirm it any more; only then what
 * the order owes goes back, to each participant by itself. All of it is keyed by the order, so nothing that the steps returned is
 * needed. Cancellation can't reach it, attempts have no limit; what is refused all the same is reported, and left to the sweep.
 * @returns the order, if it was confirmed before we came; else the refusal that the store holds
 * @throws CompensationFailed naming what was undone and what is still owed; OrderInDoubt if nobody knows what there is to undo
 */
export async function settle(order: VoidOrder, progress: SagaProgress): Promise<Settlement> {
  return await CancellationScope.nonCancellable(async () => {
    progress.failed(order.refusal.type)
    progress.at('voidOrder')
    const voided = await voidOrder(order).catch((error) => fail([{ owed: 'voidOrder', error }]))
    progress.orderSn = voided.orderSn
    if (voided.order) {
      await giveBack(voided)
      return { kind: 'stands', order: voided.order }
    }
    if ('request' in order) ensureSearchAttributes(voided.orderSn, order.request)
    progress.undid(`order (${voided.outcome})`)

    await giveBack(voided)
    if (voided.refusal?.type === 'OrderInDoubt') throw failureOf(voided.refusal) // to undo what may not be done is no undo
    progress.at('settled')
    return { kind: 'refused', refusal: voided.refusal ?? order.refusal }
  })

  /** Gives back to all participants at once: one that is away holds up no other. */
  async function giveBack(voided: Voided): Promise<void> {
    const { orderSn, lines } = voided
    const undoing = owedOf(voided).map(async ({ name, holds, undo }) => {
      progress.at(undo.step)
      await giveBackTo[name]({ orderSn, lines })
      progress.undid(holds)
    })
    const ends = await Promise.allSettled(undoing)
    const failures: { owed: string; error: unknown }[] = owedOf(voided).flatMap(({ undo: { step } }, i) => {
      const end = ends[i]
      return end?.status === 'rejected' ? [{ owed: step, error: end.reason }] : []
    })
    for (const owed of strangersOf(voided)) failures.push({ owed, error: 'this build of the worker has no such participant' })
    if (failures.length > 0) fail(failures)
  }

  function fail(failures: { owed: string; error: unknown }[]): never {
    const { undone, orderSn } = progress
    const refusals = failures.map(({ error }) => failureIn(error))
    const doubt = refusals.find((refused) => refused?.type === 'OrderInDoubt')
    if (doubt) throw failureOf(doubt)
    const owed = failures.map(({ owed }) => owed).join(' and ')
    const why = failures.map(({ error }, i) => refusals[i]?.message ?? String(error)).join('; ')
    const said = refusals.flatMap((refused) => refused?.details.said ?? []).join('; ')
    throw failureOf(
      failure('CompensationFailed', `${owed} of order ${orderSn ?? '(not opened)'} was refused (${why})`, {
        owed,
        undone,
        failure: order.refusal.type,
        ...(said !== '' && { said }),
        ...(orderSn !== undefined && { orderSn }),
      }),
    )
  }
}
