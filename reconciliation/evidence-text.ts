import type { DoubtedGoods } from '../contracts/reconciliation.ts'

/** The stock that a proposed verdict rests on, in words: an equation for each goods. */
export function evidenceText(evidence: readonly DoubtedGoods[]): string {
  return evidence
    .map(({ goodsId, baseline, stock, sold, missing, inDoubt }) => {
      const named = inDoubt.map(({ orderSn, num }) => `${num} of ${orderSn}`).join(', ')
      return `goods ${goodsId}: baseline ${baseline} - stock ${stock} - sold ${sold} = ${missing}, in doubt ${named}`
    })
    .join('; ')
}
