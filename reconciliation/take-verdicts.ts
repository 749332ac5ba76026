import type { ProposedVerdict } from '../contracts/reconciliation.ts'
import type { OrderStore } from '../store/order-store.ts'
import { evidenceText } from './evidence-text.ts'

/** A proposed verdict, and whether it was carried out: not if the order had changed since it was found. */
export interface TakenVerdict extends ProposedVerdict {
  done: boolean
}

/**
 * Settles orders in doubt as their stock proves. The audit trail of each has the equations that prove it.
 * @param by person who decides so, and why, for the audit trail
 */
export async function takeVerdicts(
  resolveInDoubt: OrderStore['resolveInDoubt'],
  proposed: readonly ProposedVerdict[],
  { by, why }: { by: string; why: string },
): Promise<TakenVerdict[]> {
  const taken: TakenVerdict[] = []
  for (const one of proposed) {
    const { orderSn, verdict, version, evidence } = one
    const resolved = await resolveInDoubt({ orderSn, verdict, version, by, why: `${why}: ${evidenceText(evidence)}` })
    taken.push({ ...one, done: resolved !== undefined })
  }
  return taken
}
