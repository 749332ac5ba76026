/**
 * Reason in one line for which a call failed. What `fetch` throws reports only that it failed, and its cause why; a host with several
 * addresses fails by one error without a message, which holds one for each address.
 */
export function reasonOf(error: unknown): string {
  const { message, cause, code } = error as NodeJS.ErrnoException
  if (cause instanceof Error) return `${message}: ${reasonOf(cause)}`
  if (message || !(error instanceof AggregateError)) return message || code || String(error)
  return error.errors.map(reasonOf).join(', ')
}
