/** Returns the message of an error; of a gRPC error, the party's own words. */
export function messageOf(error: unknown): string {
  const { details, message } = error as { details?: string; message?: string }
  return details || message || String(error)
}
