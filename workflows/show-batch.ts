import { log, setCurrentDetails } from '@temporalio/workflow'
import type { Batch } from './batch.ts'

/** Shows the batch in the web UI: as the table of order, outcome and, if handed over, its workflow id. */
export function showBatch({ all }: Batch): void {
  const rows = all.map(({ orderSn, outcome, unresolved }) => {
    const state = outcome?.state ?? (unresolved ? 'unresolved' : 'on the way')
    const more =
      outcome?.state === 'handedOver'
        ? `\`${outcome.workflowId}\` (${outcome.why})`
        : outcome?.state === 'refused'
          ? outcome.refusal.type
          : ''
    return `| ${orderSn ?? ''} | ${state} | ${more} |`
  })
  setCurrentDetails(['| order | outcome | |', '|---|---|---|', ...rows].join('\n'))
}

/** Logs what became of each order: one line for all, and one for each that is handed over, since somebody may ask why. */
export function logBatch({ all }: Batch): void {
  for (const { orderSn, outcome } of all) {
    if (outcome?.state !== 'handedOver') continue
    log.info('order handed over', { orderSn, to: outcome.workflowId, why: outcome.why })
  }
  log.debug('batch done', { outcomes: all.map(({ orderSn, outcome }) => ({ orderSn, state: outcome?.state })) })
}
