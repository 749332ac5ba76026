/** Condition of orders that are over and owe nothing, as the function that moves them has it (migrations/0025-archive.ts). */
export const ARCHIVABLE = `(status = 'TRADE_FINISHED' or status = 'TRADE_CLOSED' and stock_state in ('none', 'returned')) and owed = '{}'`
