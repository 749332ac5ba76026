/** Scopes of tokens: each allows a caller more than what is a customer's own. */
export const SCOPES = ['orders:any', 'orders:support', 'orders:operate'] as const
export type Scope = (typeof SCOPES)[number]

/**
 * The sender of a request. Its subject stands on the orders it places, and never in a log.
 * - `anybody`: nobody was asked who they are (AUTH=off, AUTH=gateway), and every user id is believed;
 * - `customer`: somebody who orders for themselves, and sees what is their own;
 * - `service`: a program or a member of staff, with what its scopes allow.
 */
export type Caller =
  | { kind: 'anybody' }
  | { kind: 'customer'; subject: string; userId: number }
  | { kind: 'service'; subject: string; scopes: ReadonlySet<Scope> }

export const ANYBODY: Caller = { kind: 'anybody' }
