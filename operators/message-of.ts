import { shownText } from '../contracts/shown-text.ts'

/** Returns the message of an error, on one line; of a gRPC error, the party's own words. */
export function messageOf(error: unknown): string {
  const { details, message } = error as { details?: string; message?: string }
  return shownText(details || message || String(error))
}
