/**
 * Fault of one Sell or Reback.
 * - `busy`, `conflict`, `notBegun`, `notRead`, `notWritten`: the transaction came to nothing, and the answer reports that
 * - `commitFailed`, `commitApplied`: one answer for both, that the commit failed; in the second it happened all the same
 * - `replyDropped`: applied, and the connection breaks before the answer
 * - `replyLost`: applied, and no answer ever comes
 * - `late`: applied only when the caller has long given up
 */
export const STOCK_FAULTS = [
  'busy',
  'conflict',
  'notBegun',
  'notRead',
  'notWritten',
  'commitFailed',
  'commitApplied',
  'replyDropped',
  'replyLost',
  'late',
] as const
export type StockFault = (typeof STOCK_FAULTS)[number]

/** Draws the fault of the next call, if any. */
export type NextFault = () => StockFault | undefined

/** Share of the calls that meet a fault: 5 %. */
const ONE_IN = 20

/** 5 % of the calls, each fault as often as the others; the same seed gives the same faults. */
export function seededFaults(seed: number): NextFault {
  let state = seed | 0
  // Marsaglia's xorshift32, which never leaves 0.
  state ||= 1
  const draw = (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  return () => (draw(ONE_IN) === 0 ? STOCK_FAULTS[draw(STOCK_FAULTS.length)] : undefined)
}
