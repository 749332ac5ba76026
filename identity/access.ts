import { failureOf } from '../contracts/application-failure.ts'
import type { Caller, Scope } from '../contracts/caller.ts'
import { failure } from '../contracts/failures.ts'

/**
 * Callers that a route or a method takes; each declares it.
 * - `open`: everybody, known or not;
 * - `inside`: whoever reaches the operators' address (OPERATIONS_ADDR), known or not;
 * - `own`: a customer, for what is their own, and a service with `orders:any` for everybody's;
 * - a scope: a service that has it.
 */
export type Access = 'open' | 'inside' | 'own' | Scope

/** @throws ApplicationFailure Forbidden if the caller may not come through at all */
export function requireAccess(caller: Caller, access: Access): void {
  if (access === 'open' || access === 'inside' || caller.kind === 'anybody') return
  if (caller.kind === 'customer' && access === 'own') return
  const scope = access === 'own' ? 'orders:any' : access
  if (caller.kind === 'service' && caller.scopes.has(scope)) return
  throw failureOf(failure('Forbidden', `this needs the scope ${scope}, which the caller does not have`))
}
