import type { ReconciliationDeps } from './deps.ts'
import type { Judgement } from './judge-order.ts'

/**
 * Looks for orders that a run which has completed calls confirmed, and that neither the store nor a ledger knows: the store was set back,
 * and the inventory keeps no ledger, or lost it too. What the ledger knows is found from there.
 * @param take receives each
 * @returns up to when nothing is left to be looked through; as before while there is such an order, so that the next reconciliation finds
 *   it again, until its row is there or Temporal forgets the run
 */
export async function lookForLost(
  { store, ledger, answerGiven, ordersOfEndedRuns, beat }: ReconciliationDeps,
  take: (orderSn: string, judgement: Judgement) => void,
): Promise<string | undefined> {
  if (!ordersOfEndedRuns) return undefined
  const { since, now } = await store.lookedUpTo()
  const lost = new Set<string>()
  for await (const orderSns of ordersOfEndedRuns(since)) {
    beat?.()
    const recorded = await store.recorded(orderSns)
    for (const orderSn of orderSns.filter((one) => !recorded.has(one) && !lost.has(one))) {
      beat?.()
      if (ledger && (await ledger.sale(orderSn)).state !== 'NONE') continue
      const answer = await answerGiven(orderSn)
      if (!answer) continue
      lost.add(orderSn)
      const lines = (answer.order?.lines ?? []).map(({ goodsId, num }) => ({ goodsId, num }))
      const units = ledger ? [] : lines
      const again = `have the request of run ${answer.workflowId} sent again under its key, which makes the order anew`
      const advice = ledger
        ? `resolve ${orderSn} --as-answered restores and sells it, as run ${answer.workflowId} answered`
        : `give its pieces back in the inventory, then ${again}: it sells once more`
      take(orderSn, { sold: [], onTheWay: [], ledger: [], mismatch: { kind: 'answered-without-order', units, advice } })
    }
  }
  return lost.size > 0 ? since : now
}
