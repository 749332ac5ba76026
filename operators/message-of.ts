/** What an error says: of a gRPC error the party's own words. */
export function messageOf(error: unknown): string {
  const { details, message } = error as { details?: string; message?: string }
  return details || message || String(error)
}
