import { MAX_LINES, MAX_QUANTITY } from '../contracts/limits.ts'
import type { PutOutcome } from '../store/cart-store.ts'

/** Names the limit that goods would have exceeded in a cart, by the field of the request that has to change. */
export function exceededLimit(outcome: Exclude<PutOutcome, { kind: 'inCart' }>): { field: 'goodsId' | 'num'; problem: string } {
  if (outcome.kind === 'full') {
    return { field: 'goodsId', problem: `must be in the cart already: it holds ${MAX_LINES} distinct goods` }
  }
  const { there } = outcome
  return {
    field: 'num',
    problem: `must be at most ${MAX_QUANTITY - there}: ${there} pieces are in the cart, of at most ${MAX_QUANTITY}`,
  }
}
