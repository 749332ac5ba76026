import { log, setCurrentDetails } from '@temporalio/workflow'
import type { Batch } from './batch.ts'
import { batchTable } from './batch-table.ts'

/** Shows the batch in the web UI. */
export function showBatch(batch: Batch): void {
  setCurrentDetails(batchTable(batch))
}

/** Logs what became of each order: one line for all, and one for each that is handed over, since somebody may ask why. */
export function logBatch({ all }: Batch): void {
  for (const { orderSn, outcome } of all) {
    if (outcome?.state !== 'handedOver') continue
    log.info('order handed over', { orderSn, to: outcome.workflowId, why: outcome.why })
  }
  log.debug('batch done', { outcomes: all.map(({ orderSn, outcome }) => ({ orderSn, state: outcome?.state })) })
}
