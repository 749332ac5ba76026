import type { Voided } from '../steps.ts'
import { type OneParticipant, PARTICIPANTS } from './list.ts'

type Judged = Pick<Voided, 'owed' | 'rebackOwed'>

/**
 * Returns the participants to which an order owes what it may hold of them. The answer of a worker of the release before knows of
 * the stock alone.
 */
export function owedOf({ owed, rebackOwed }: Judged): OneParticipant[] {
  return PARTICIPANTS.filter(({ name }) => (owed ? owed.includes(name) : name === 'inventory' && rebackOwed))
}

/** Names of participants that are owed something and that this build does not have: another one opened the order. */
export function strangersOf({ owed = [] }: Judged): string[] {
  return owed.filter((name) => !PARTICIPANTS.some((one) => one.name === name))
}
