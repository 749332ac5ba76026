import type { InputProblems } from '../contracts/input-problems.ts'
import { isRequestId, REQUEST_ID, REQUEST_ID_IS } from '../contracts/kinds.ts'
import { MAX_REQUEST_ID_LENGTH } from '../contracts/limits.ts'

export const KEY_HEADER = 'Idempotency-Key'

/** The header as the document shows it. */
export const IDEMPOTENCY_HEADER = {
  type: 'object',
  properties: {
    [KEY_HEADER]: {
      ...REQUEST_ID.json,
      maxLength: 2 * MAX_REQUEST_ID_LENGTH + 2,
      description: `${REQUEST_ID.json.description} Plain, or as a string in quotes ("k1" is the key k1), with \\ before " and \\; at most ${MAX_REQUEST_ID_LENGTH} characters, sent once.`,
    },
  },
}

/** The key that the header names; `undefined` if there is none, or if it is bad. */
export function readKey(rawHeaders: readonly string[], problems: InputProblems): string | undefined {
  const [header, ...others] = keysIn(rawHeaders)
  if (header === undefined) return undefined
  const key = unquoted(header)
  if (others.length > 0) problems.add(KEY_HEADER, `must be sent once, not ${others.length + 1} times`)
  else if (isRequestId(key) && key.trim() !== '') return key
  else problems.add(KEY_HEADER, `${REQUEST_ID_IS}; in quotes, " and \\ have a \\ before them`)
  return undefined
}

/** Each as it was sent: Node joins the values of equal headers, and two keys would be a third one. */
function keysIn(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === KEY_HEADER.toLowerCase())
}

/**
 * The key that the header names: plain, or as a string of RFC 8941 (Structured Field Values), in which the IETF's draft of
 * Idempotency-Key writes it; `undefined` if it begins with a quote and is no such string.
 */
function unquoted(header: string): string | undefined {
  if (!header.startsWith('"')) return header
  const [, text] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header) ?? []
  return text?.replace(/\\(.)/g, '$1')
}
