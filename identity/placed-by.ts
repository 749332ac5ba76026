import type { Caller } from '../contracts/caller.ts'
import { MAX_SUBJECT_LENGTH } from '../contracts/limits.ts'

/** Characters that no issuer of good will puts into a subject, and that a line of text does not take. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** The part of an order that says who placed it; empty if nobody was asked who they are. It never keeps an order from being placed. */
export function placedBy(caller: Caller): { placedBy?: string } {
  if (caller.kind === 'anybody') return {}
  const subject = caller.subject.replace(UNSEEN, '').trim().slice(0, MAX_SUBJECT_LENGTH).toWellFormed()
  return subject === '' ? {} : { placedBy: subject }
}
