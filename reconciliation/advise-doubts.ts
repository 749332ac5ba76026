import { type DoubtsFound, type Finding, UNDECIDED, type UndecidedWhy } from '../contracts/reconciliation.ts'

/** Reasons that pass by themselves. */
const PASSES = new Set<UndecidedWhy>(['young', 'in-flight', 'unaskable'])

/** Adds to the finding of each order in doubt what the stock says of it, or why it says nothing, and what to do then. */
export function adviseDoubts(findings: readonly Finding[], { proposed, undecided }: DoubtsFound): void {
  const advice = new Map<string, string>()
  for (const { orderSn, verdict } of proposed) {
    const said = verdict === 'sold' ? 'they are sold' : 'they are not sold'
    advice.set(orderSn, `the stock says that ${said}: resolve ${orderSn} --proposed shows how, with --apply it is settled so`)
  }
  for (const { orderSn, why, goodsIds } of undecided) {
    const byHand = `find out whether the stock is still taken, then: resolve ${orderSn} --sold or --not-sold`
    const named = goodsIds.length > 0 ? ` (goods ${goodsIds.join(', ')})` : ''
    advice.set(orderSn, `${UNDECIDED[why]}${named}: ${PASSES.has(why) ? `compare again, or ${byHand}` : byHand}`)
  }
  for (const finding of findings) {
    const said = finding.kind === 'in-doubt' && finding.orderSn !== undefined ? advice.get(finding.orderSn) : undefined
    if (said !== undefined) finding.advice = said
  }
}
