import { markdownCode } from '../contracts/markdown-code.ts'
import type { Batch } from './batch.ts'

/** A batch as a table in Markdown: order, outcome and, if handed over, its workflow id and why. Ids hold keys, which callers chose. */
export function batchTable({ all }: Pick<Batch, 'all'>): string {
  const rows = all.map(({ orderSn, outcome, unresolved }) => {
    const state = outcome?.state ?? (unresolved ? 'unresolved' : 'on the way')
    const more =
      outcome?.state === 'handedOver'
        ? `${markdownCode(outcome.workflowId)} (${markdownCode(outcome.why)})`
        : outcome?.state === 'refused'
          ? markdownCode(outcome.refusal.type)
          : ''
    return `| ${markdownCode(orderSn ?? '')} | ${state} | ${more} |`
  })
  return ['| order | outcome | |', '|---|---|---|', ...rows].join('\n')
}
